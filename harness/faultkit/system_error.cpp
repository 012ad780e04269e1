#include "harness/faultkit/system_error.h"

#include <cerrno>
#include <system_error>

namespace sunder {

Error system_error(std::string_view act, std::string_view cure) {
  std::string text = "cannot " + std::string(act) + ": " +
                     std::error_code(errno, std::generic_category()).message();
  if (!cure.empty()) text += "; " + std::string(cure);
  return Error{Error::Code::environment, std::move(text)};
}

}  // namespace sunder
