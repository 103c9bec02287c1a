#include "adapters/postgres/write/held_rows.hpp"

#include <utility>

namespace cariosan::postgres {

void HeldRows::send() {
    if (columns_.empty()) return;
    const std::vector<Column> columns = std::exchange(columns_, {});
    statement_.write_lists(columns);
}

}  // namespace cariosan::postgres
