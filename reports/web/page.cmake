# Bundles the report page with esbuild and embeds it in the target as two byte arrays, so that a
# report needs no file beside it. Debian's esbuild is enough: the page has no dependencies.
find_program(ESBUILD esbuild)
if(NOT ESBUILD)
  message(FATAL_ERROR "esbuild is missing, which bundles the report page: apt-get install esbuild")
endif()

set(web ${PROJECT_SOURCE_DIR}/reports/web)
set(page ${PROJECT_BINARY_DIR}/page)
file(MAKE_DIRECTORY ${page})
file(GLOB page_sources CONFIGURE_DEPENDS ${web}/*.ts)

add_custom_command(
  OUTPUT ${page}/page.cpp
  COMMAND ${ESBUILD} ${web}/main.ts --bundle --minify --format=iife --target=es2020
          --log-level=warning --outfile=${page}/page.js
  COMMAND ${ESBUILD} ${web}/style.css --minify --log-level=warning --outfile=${page}/page.css
  COMMAND ${CMAKE_COMMAND} -DSCRIPT=${page}/page.js -DSTYLE=${page}/page.css
          -DOUT=${page}/page.cpp -P ${web}/embed.cmake
  DEPENDS ${page_sources} ${web}/style.css ${web}/embed.cmake
  COMMENT "Bundling the report page"
  VERBATIM)
target_sources(${target} PRIVATE ${page}/page.cpp)

find_package(OpenSSL REQUIRED)
target_link_libraries(${target} PRIVATE OpenSSL::Crypto)
