#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>

namespace cariosan::core {

/// A map in bounded memory, for entries that may be forgotten. They live in two generations: an entry in use is in the younger
/// one, and the older one is dropped as a whole when the younger one is full or old enough.
///
/// A `Name` is anything that `Hash` and `Equal` accept and a `Key` can be made of. Not thread-safe.
template <class Key, class Value, class Hash = std::hash<Key>, class Equal = std::equal_to<>>
class Generations {
  public:
    using Time = std::chrono::nanoseconds;  // `Clock::elapsed()`

    /// Call it before looking anything up. Forgets entries not used for two lifetimes; keeps those used within the last one.
    void expire(Time now, Time lifetime) {
        const Time age = now - turned_at_;
        if (age < lifetime) return;
        // By now the younger generation is as outdated as the older one.
        if (age >= 2 * lifetime) young_.clear();
        turn(now);
    }
    /// The entry of that name, or null. This is not a use.
    template <class Name>
    const Value* find(const Name& name) const {
        return find_in<const Value*>(*this, name);
    }
    template <class Name>
    Value* find(const Name& name) {
        return find_in<Value*>(*this, name);
    }
    /// The entry of that name, made if there is none. At most `most` entries are in each generation, at least one. Valid until the
    /// next call.
    template <class Name>
    Value& use(const Name& name, std::size_t most, Time now = Time(0)) {
        if (const auto found = young_.find(name); found != young_.end()) return found->second;
        Value value{};
        if (const auto found = old_.find(name); found != old_.end()) {
            value = std::move(found->second);
            old_.erase(found);
        }
        if (young_.size() >= std::max<std::size_t>(1, most)) turn(now);
        return young_.emplace(Key(name), std::move(value)).first->second;
    }
    template <class Name>
    void erase(const Name& name) {
        for (Entries* entries : {&young_, &old_}) {
            if (const auto found = entries->find(name); found != entries->end()) entries->erase(found);
        }
    }
    std::size_t size() const noexcept { return young_.size() + old_.size(); }

  private:
    using Entries = std::unordered_map<Key, Value, Hash, Equal>;

    template <class Found, class Self, class Name>
    static Found find_in(Self& self, const Name& name) {
        for (auto* entries : {&self.young_, &self.old_}) {
            if (const auto found = entries->find(name); found != entries->end()) return &found->second;
        }
        return nullptr;
    }
    void turn(Time now) {
        old_ = std::exchange(young_, {});
        turned_at_ = now;
    }

    Entries young_;
    Entries old_;
    Time turned_at_{0};
};

}  // namespace cariosan::core
