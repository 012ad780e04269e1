# cmake -DSCRIPT=page.js -DSTYLE=page.css -DOUT=page.cpp -P embed.cmake: the bytes as C++ arrays.
# Hexadecimal all the way: CMake would mangle brackets and semicolons in text.
function(array_of file name out)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  set(${out} "constexpr unsigned char ${name}[] = {${bytes}};\n" PARENT_SCOPE)
endfunction()

array_of(${SCRIPT} script script_array)
array_of(${STYLE} style style_array)
file(WRITE ${OUT} "// Generated from reports/web.
#include \"reports/page.h\"

namespace sunder {
namespace {
${script_array}${style_array}}  // namespace

std::string_view page_script() { return {reinterpret_cast<const char*>(script), sizeof script}; }
std::string_view page_style() { return {reinterpret_cast<const char*>(style), sizeof style}; }
}  // namespace sunder
")
