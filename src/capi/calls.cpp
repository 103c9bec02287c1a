#include "capi/calls.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

namespace cariosan::capi {

void hand_out(const std::string& text, char** out, std::size_t* length) {
    char* const copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, text.c_str(), text.size() + 1);
    *out = copy;
    if (length != nullptr) *length = text.size();
}

}  // namespace cariosan::capi
