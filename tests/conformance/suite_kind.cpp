#include <algorithm>

#include "conformance/storage_kind.hpp"

namespace cariosan::test {

const SuiteKind* suite_kind(std::string_view name) {
    const auto kinds = suite_kinds();
    const auto found = std::ranges::find(kinds, name, &SuiteKind::name);
    return found == kinds.end() ? nullptr : &*found;
}

}  // namespace cariosan::test
