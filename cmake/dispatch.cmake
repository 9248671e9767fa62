# The interpreter loop keeps one indirect jump per handler. Both compilers merge them by default, which costs up to a
# half of the speed and changes nothing else; tools/check-dispatch counts them after every optimized build.
file(GLOB DX_LOOP_SOURCES src/interpreter/loop*.cpp)
if(DX_LOOP_SOURCES)
  set_property(SOURCE ${DX_LOOP_SOURCES} APPEND PROPERTY COMPILE_OPTIONS
    "$<$<CXX_COMPILER_ID:Clang>:SHELL:-mllvm -tail-dup-pred-size=1000>"
    "$<$<CXX_COMPILER_ID:Clang>:SHELL:-mllvm -tail-dup-succ-size=1000>"
    "$<$<CXX_COMPILER_ID:GNU>:-fno-gcse>"
    "$<$<CXX_COMPILER_ID:GNU>:-fno-crossjumping>"
    "$<$<CXX_COMPILER_ID:GNU>:SHELL:--param max-goto-duplication-insns=64>")
endif()
