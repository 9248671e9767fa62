# cmake --install BUILD --prefix PREFIX: the same relocatable tree that the build folder is, bin/dx-py with its library.
# dx-py finds the library beside itself (../lib/python3.14), so the tree may be moved or copied anywhere.
install(CODE "
  if(NOT EXISTS \"${CMAKE_BINARY_DIR}/lib/python3.14/os.py\")
    message(FATAL_ERROR \"${CMAKE_BINARY_DIR}/lib has no Python library: run tools/fetch-library ${CMAKE_BINARY_DIR}\")
  endif()")
if(TARGET dx-py)
  install(TARGETS dx-py RUNTIME DESTINATION bin)
endif()
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/python3.14 DESTINATION lib
  PATTERN __pycache__ EXCLUDE PATTERN site-packages/* EXCLUDE)
install(FILES ${CMAKE_BINARY_DIR}/lib/library-version DESTINATION lib)
install(DIRECTORY ${CMAKE_BINARY_DIR}/lib/dx DESTINATION lib OPTIONAL PATTERN __pycache__ EXCLUDE)
