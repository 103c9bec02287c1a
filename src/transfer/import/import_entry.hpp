/// From a line of an import file to the command that stores it.
#pragma once

#include <cariosan/engine.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "transfer/import/import_line.hpp"
#include "transfer/import/import_places.hpp"

namespace cariosan::transfer {

struct ImportEntry {
    std::string channel;  ///< as named in the file
    std::string name;     ///< `import_name`
    std::optional<std::string> reply_to;
    ImportMessage command;
};

/// Parses the lines of one import. `places` must outlive it.
class ImportEntries {
  public:
    ImportEntries(const ImportPlaces& places, std::string source) : places_(places), source_(std::move(source)) {}

    std::variant<ImportEntry, ImportFault> read(std::string_view json, std::int64_t number) const;

  private:
    const ImportPlaces& places_;
    const std::string source_;
};

/// Why a line was refused, with the field named as in the file.
std::string import_refusal(const Error& error);

/// Whether a line was refused because its parent does not exist.
bool lacks_import_parent(const Error& error);

}  // namespace cariosan::transfer
