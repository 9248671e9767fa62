# What start images need of the linker (runtime/start_image.h): this program's variables side by side, and its calls of
# malloc going through cli/wrapped_malloc.cpp. Only the optimized build has them; without, every start is an ordinary one.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT DX_HOSTILE)
  # Start-up code side by side (lld; others have it so anyway).
  if(CMAKE_EXE_LINKER_FLAGS MATCHES "lld")
    # Written, not mapped: the page cache then holds the program in large pieces, and each page fault maps more of it.
    target_link_options(dx-py PRIVATE -Wl,-z,keep-text-section-prefix,--no-mmap-output-file)
  endif()
  target_link_options(dx-py PRIVATE -Wl,-T,${CMAKE_SOURCE_DIR}/cmake/start_image.ld
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=aligned_alloc)
  set_property(TARGET dx-py APPEND PROPERTY LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/start_image.ld)
else()
  set_property(SOURCE ${CMAKE_SOURCE_DIR}/src/cli/wrapped_malloc.cpp ${CMAKE_SOURCE_DIR}/src/cli/early_pages.cpp
    PROPERTY HEADER_FILE_ONLY ON)
endif()
