#include "support/source_folder.hpp"

namespace cariosan::test {

std::filesystem::path source_folder() { return CARIOSAN_SOURCE_DIR; }

}  // namespace cariosan::test
