// From a user's file name to a URL in a message, and back: the first line of the input is a URL, the rest a file name.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/objects/file_name.hpp"
#include "adapters/objects/object_key.hpp"
#include "adapters/objects/url.hpp"
#include "encoding/percent.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_one_segment(std::string_view name) {
    for (const char c : name) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '/' || c == '\\') return false;
    }
    return !name.empty() && name.front() != '.' && name.back() != '.' &&
           name.find("..") == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string_view url = input.substr(0, input.find('\n'));
    const std::string_view file = url.size() < input.size() ? input.substr(url.size() + 1) : url;
    const WorkspaceId workspace = *WorkspaceId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    const std::string base = "https://cdn.example.com/chat";

    const std::string name = objects::sanitise_file_name(file);
    require(is_one_segment(name) && name.size() <= objects::kMaxFileNameBytes &&
            objects::sanitise_file_name(name) == name);
    const std::string key = objects::make_object_key(workspace, Uuid{}, Timestamp{1769847300'000}, file);
    require(objects::is_object_url(base + "/" + encoding::percent_encode_path(key), base, workspace));

    if (objects::is_object_url(url, base, workspace)) {
        const std::string_view path = url.substr(base.size() + 1);
        require(path.find_first_of("?#@\\:") == std::string_view::npos &&
                path.find("//") == std::string_view::npos);
        require(path.find("..") == std::string_view::npos && path.find("%2F") == std::string_view::npos);
        require(!objects::is_object_url(url, base, WorkspaceId{}));
    }
    if (const auto parsed = objects::parse_base_url(url)) {
        const auto again = objects::parse_base_url(parsed->to_string());
        require(again && again->to_string() == parsed->to_string());
    }
    return 0;
}
