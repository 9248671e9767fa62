#pragma once
// Paths as texts, for what start-up looks at before there are objects. Any thread.

#include <array>
#include <string>

namespace dx {

// What stands before the last slash; empty when there is none.
inline std::string folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// PEP 405: a virtual environment's file lies beside the program or one folder above.
inline std::array<std::string, 2> environment_files(const std::string& executable) {
  std::string bin = folder_of(executable);
  return {bin + "/pyvenv.cfg", folder_of(bin) + "/pyvenv.cfg"};
}

}  // namespace dx
