# The code generator: codegen/ (Rust) becomes one static library, built by cargo outside of the C++ build's way. Ninja
# runs cargo only when a file of the crate changed, so an incremental build pays nothing for it.
#
#   dx_codegen      what C++ links: the library when DX_JIT is on, the header alone otherwise
#   DX_JIT          turned off here, with one line that says why, when no usable Rust is found
#   DX_CODEGEN_PROFILE   release, or checked: with the debug assertions of Cranelift too (sanitizer builds, fuzzers)
add_library(dx_codegen INTERFACE)
target_include_directories(dx_codegen INTERFACE ${CMAKE_SOURCE_DIR}/codegen/include)

set(DX_RUST_NEEDED 1.95)
if(DX_JIT)
  set(dx_rust_how "install Rust ${DX_RUST_NEEDED} or later (https://rustup.rs) and configure again with -DDX_JIT=ON")
  find_program(DX_CARGO cargo)
  find_program(DX_RUSTC rustc)
  set(dx_rust_version 0)
  if(DX_CARGO AND DX_RUSTC)
    execute_process(COMMAND ${DX_RUSTC} --version OUTPUT_VARIABLE dx_rust_text ERROR_QUIET)
    if(dx_rust_text MATCHES "rustc ([0-9.]+)")
      set(dx_rust_version ${CMAKE_MATCH_1})
    endif()
  endif()
  if(dx_rust_version VERSION_LESS DX_RUST_NEEDED)
    message(STATUS "Machine code is left out (DX_JIT=OFF): ${dx_rust_how}")
    set(DX_JIT OFF)
  endif()
endif()

if(DX_JIT)
  # Once for each version of Cargo.toml: the crates must be here before the build starts, or there is no JIT.
  file(SHA256 ${CMAKE_SOURCE_DIR}/codegen/Cargo.toml dx_crates_wanted)
  if(NOT "${DX_CRATES_FETCHED}" STREQUAL "${dx_crates_wanted}")
    execute_process(COMMAND ${DX_CARGO} fetch --quiet --manifest-path ${CMAKE_SOURCE_DIR}/codegen/Cargo.toml
      RESULT_VARIABLE dx_fetch_failed OUTPUT_QUIET ERROR_VARIABLE dx_fetch_text TIMEOUT 300)
    if(dx_fetch_failed)
      message(STATUS "Machine code is left out (DX_JIT=OFF): cargo could not fetch Cranelift; run `cargo fetch` in codegen/ to see why")
      set(DX_JIT OFF)
    else()
      set(DX_CRATES_FETCHED ${dx_crates_wanted} CACHE INTERNAL "")
    endif()
  endif()
endif()

if(DX_JIT)
  if(CMAKE_CXX_FLAGS_DEBUG MATCHES "fsanitize=address" AND CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(dx_codegen_profile checked)
  else()
    set(dx_codegen_profile release)
  endif()
  set(DX_CODEGEN_PROFILE ${dx_codegen_profile} CACHE STRING "cargo profile of codegen/: release or checked")
  # Shared by all presets: Cranelift takes minutes to compile and does not depend on them.
  set(DX_CARGO_TARGET ${CMAKE_SOURCE_DIR}/build/cargo CACHE PATH "where cargo builds")
  set(dx_codegen_library ${CMAKE_BINARY_DIR}/lib/libdxclif.a)
  file(GLOB dx_codegen_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/codegen/src/*.rs
    ${CMAKE_SOURCE_DIR}/codegen/include/* ${CMAKE_SOURCE_DIR}/codegen/build.rs ${CMAKE_SOURCE_DIR}/codegen/Cargo.toml)
  add_custom_command(OUTPUT ${dx_codegen_library}
    COMMAND ${CMAKE_COMMAND} -E env CARGO_TARGET_DIR=${DX_CARGO_TARGET}
      ${DX_CARGO} build --quiet --lib --profile ${DX_CODEGEN_PROFILE}
      --manifest-path ${CMAKE_SOURCE_DIR}/codegen/Cargo.toml
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/lib
    COMMAND ${CMAKE_COMMAND} -E copy ${DX_CARGO_TARGET}/${DX_CODEGEN_PROFILE}/libdxclif.a ${dx_codegen_library}
    COMMAND ${CMAKE_COMMAND} -E touch ${dx_codegen_library}
    DEPENDS ${dx_codegen_sources}
    COMMENT "Building the code generator with cargo (${DX_CODEGEN_PROFILE}; minutes the first time)"
    VERBATIM)
  add_custom_target(dx_codegen_build DEPENDS ${dx_codegen_library})
  add_dependencies(dx_codegen dx_codegen_build)
  target_link_libraries(dx_codegen INTERFACE ${dx_codegen_library} dl m pthread)
  target_compile_definitions(dx_codegen INTERFACE DX_JIT=1)
endif()
