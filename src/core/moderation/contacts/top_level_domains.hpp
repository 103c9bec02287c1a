/// The names that can end a domain.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace cariosan::core::moderation {

/// The top-level domains of the Internet. Immutable; safe to use from any thread.
class TopLevelDomains {
  public:
    enum class Evidence {
        none,      ///< no top-level domain
        doubtful,  ///< also a word or a file extension: `readme.md`
        plain,
    };

    /// `file` is the content of lists/top_level_domains.txt.
    explicit TopLevelDomains(std::string_view file);

    /// `label` is folded (`fold`).
    Evidence evidence(const std::u32string& label) const;

  private:
    std::unordered_map<std::u32string, Evidence> names_;
};

}  // namespace cariosan::core::moderation
