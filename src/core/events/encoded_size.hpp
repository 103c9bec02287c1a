/// How many bytes of a page an object takes: section 3 of the protocol limits pages by their size as JSON.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/types.hpp>
#include <cariosan/webhooks.hpp>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace cariosan::core {

/// The approximate size limit of a page of any list; a single item is let through whatever its size.
inline constexpr std::size_t kPageBytes = std::size_t{128} * 1024;

/// Size of a JSON string with its quotes and escapes; never less than what is written.
std::size_t encoded_size(std::string_view text) noexcept;

// Sizes of the objects of section 4, for the reader who sees most of them. Never less than what is written, and not much more:
// numbers and times count at their longest.
std::size_t encoded_size(const UserSummary& user) noexcept;
std::size_t encoded_size(const User& user) noexcept;
std::size_t encoded_size(const Workspace& workspace) noexcept;
std::size_t encoded_size(const Channel& channel) noexcept;
std::size_t encoded_size(const Member& member) noexcept;
std::size_t encoded_size(const Message& message) noexcept;
std::size_t encoded_size(const Receipt& receipt) noexcept;
std::size_t encoded_size(const MyChannel& item) noexcept;
std::size_t encoded_size(const SearchHit& hit) noexcept;
std::size_t encoded_size(const Block& block) noexcept;
std::size_t encoded_size(const Silence& silence) noexcept;
std::size_t encoded_size(const Webhook& webhook) noexcept;

/// Counts items until a page is full.
class PageWeight {
  public:
    /// Whether the item still fits on the page; if so, it is counted.
    template <class T>
    bool admit(const T& item) noexcept {
        const std::size_t added = encoded_size(item);
        if (items_ > 0 && bytes_ + added > kPageBytes) return false;
        ++items_;
        bytes_ += added;
        return true;
    }
    std::size_t items() const noexcept { return items_; }

  private:
    std::size_t items_ = 0;
    std::size_t bytes_ = 0;
};

/// Drops items from the end until the page fits. Returns whether it dropped any.
template <class T>
bool cut_to_page(std::vector<T>& items) {
    PageWeight weight;
    for (const T& item : items) {
        if (!weight.admit(item)) break;
    }
    const bool cut = weight.items() < items.size();
    if (cut) items.erase(items.begin() + static_cast<std::ptrdiff_t>(weight.items()), items.end());
    return cut;
}

}  // namespace cariosan::core
