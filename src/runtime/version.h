#pragma once
// Which Python this is, and which dx-py.

namespace dx {
constexpr int kVersionMajor = 3, kVersionMinor = 14, kVersionMicro = 8;
constexpr long kHexVersion = 0x030e08f0;
// platform.py parses this: "3.14.8 (build, date) [compiler]".
constexpr char kVersionText[] = "3.14.8 (dx-py, " __DATE__ ", 00:00:00) [DX-Py 0.1.0]";
}  // namespace dx
