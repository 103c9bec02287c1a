/// The first pass over an import file: which users and channels occur.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/import.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "transfer/import/import_replies.hpp"
#include "transfer/import/line_reader.hpp"

namespace cariosan::transfer {

/// Users and channels in order of first appearance, and the parents of replies. Its size depends on the number of distinct
/// users, channels and parents, not on that of the file.
class ImportSurvey {
  public:
    struct ChannelUsers {
        std::string channel;
        std::vector<std::size_t> users;  ///< indexes into `users()`; the user who wrote first comes first
    };

    /// Call for each line that was read.
    void add(const std::string& channel, const std::string& user);

    const std::vector<std::string>& users() const noexcept { return users_; }
    const std::vector<ChannelUsers>& channels() const noexcept { return channels_; }
    /// Already closed, and still to be checked.
    ImportReplies& replies() noexcept { return replies_; }

  private:
    std::vector<std::string> users_;
    std::vector<ChannelUsers> channels_;
    std::unordered_map<std::string, std::size_t> user_indexes_;
    std::unordered_map<std::string, std::size_t> channel_indexes_;
    std::vector<std::unordered_set<std::size_t>> seen_;  ///< per channel
    ImportReplies replies_;
};

/// The longest line of an import file, in bytes.
constexpr std::size_t kMaxImportLineBytes = 1 << 20;

/// Reads the file and, if it has replies, reads it again to see whether each one comes after its parent; if so, forgets
/// them. Invalid lines are reported by the later passes. `unavailable` if the file cannot be read.
Result<ImportSurvey> survey_import(const ImportOptions& options);

/// Opens the file of an import.
Result<LineReader> open_import(const ImportOptions& options);
/// Why it cannot be read on.
Error import_unreadable(const ImportOptions& options);

}  // namespace cariosan::transfer
