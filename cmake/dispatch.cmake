# The interpreter loop keeps one indirect jump per handler. Both compilers merge them by default, which costs up to a
# half of the speed and changes nothing else; tools/check-dispatch counts them after every optimized build. Clang would
# also keep 64-bit constants that several handlers use in registers throughout, which leaves too few for the handlers.
file(GLOB DX_LOOP_SOURCES ${CMAKE_SOURCE_DIR}/src/interpreter/loop*.cpp)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(DX_LOOP_FLAGS "-mllvm -tail-dup-pred-size=1000 -mllvm -tail-dup-succ-size=1000 -mllvm -disable-constant-hoisting")
else()
  set(DX_LOOP_FLAGS "-fno-gcse -fno-crossjumping --param max-goto-duplication-insns=64")
endif()
set_property(SOURCE ${DX_LOOP_SOURCES} APPEND_STRING PROPERTY COMPILE_FLAGS " ${DX_LOOP_FLAGS}")
