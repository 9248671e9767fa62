# Every file made from a table: one custom command each, collected in dx_generated so that a build never compiles
# against a stale header.
set(DX_GENERATED_SOURCES)
add_custom_target(dx_generated)

# dx_generate(NAME SCRIPT INPUT OUTPUTS...): OUTPUTS in the build tree come from running SCRIPT INPUT OUTDIR.
function(dx_generate name script input)
  set(outputs)
  foreach(output ${ARGN})
    list(APPEND outputs ${DX_GENERATED}/${output})
  endforeach()
  add_custom_command(OUTPUT ${outputs}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/${script} ${CMAKE_SOURCE_DIR}/${input} ${DX_GENERATED}
    DEPENDS ${CMAKE_SOURCE_DIR}/tools/${script} ${CMAKE_SOURCE_DIR}/${input}
    COMMENT "Generating from ${input}")
  add_custom_target(dx_generated_${name} DEPENDS ${outputs})
  add_dependencies(dx_generated dx_generated_${name})
endfunction()

# The syntax tree's structs and its reflection table.
dx_generate(ast ast_gen.py src/syntax/ast.def syntax/ast_nodes.h syntax/ast_reflect.cpp)
list(APPEND DX_GENERATED_SOURCES ${DX_GENERATED}/syntax/ast_reflect.cpp)

# The instruction set: encoding and facts, and its page.
dx_generate(opcodes opcodes_gen.py src/dpb/opcodes.def
  dpb/opcodes.h docs/internals/opcodes.md)
# Character names for "\N{...}".
dx_generate(unicode_names unicode_names_gen.py src/base/unicode_names.txt base/unicode_names_tables.h)
