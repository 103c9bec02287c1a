#include "adapters/postgres/connection_string.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace cariosan::postgres {
namespace {

struct OptionsDeleter {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

bool is_spilled(std::string_view keyword, std::string_view value) {
    if (keyword == "port") return value.find_first_not_of("0123456789,") != std::string_view::npos;
    if (keyword == "host" || keyword == "dbname") return value.find('@') != std::string_view::npos;
    return false;
}

}  // namespace

Result<Done> check_connection_string(const std::string& text) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, OptionsDeleter> options(PQconninfoParse(text.c_str(), &message));
    PQfreemem(message);
    bool readable = options != nullptr && text.find('\0') == std::string::npos;
    for (const PQconninfoOption* each = options.get(); readable && each->keyword != nullptr; ++each) {
        if (each->val != nullptr && is_spilled(each->keyword, each->val)) readable = false;
    }
    if (readable) return Done{};
    return Error(ErrorCode::misuse,
                 "the connection string cannot be read; in a URL, characters such as @ / ? # of a user or password are written as"
                 " %40 %2F %3F %23");
}

}  // namespace cariosan::postgres
