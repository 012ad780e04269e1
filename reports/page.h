#pragma once
// The page's own code and looks, bundled from reports/web when Sunder is built.

#include <string_view>

namespace sunder {

std::string_view page_script();
std::string_view page_style();

}  // namespace sunder
