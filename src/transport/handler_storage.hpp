#pragma once

#include <cstddef>
#include <new>

namespace cariosan::transport {

/// Memory for one operation that waits in the event loop, kept within what waits: a connection that is idle holds no
/// block of the heap for it. Falls back to the heap if it is taken or too small.
class HandlerStorage {
  public:
    static constexpr std::size_t kSize = 112;

    HandlerStorage() = default;
    HandlerStorage(const HandlerStorage&) = delete;
    HandlerStorage& operator=(const HandlerStorage&) = delete;

    void* allocate(std::size_t size) {
        if (used_ || size > kSize) return ::operator new(size);
        used_ = true;
        return bytes_;
    }
    void deallocate(void* memory) noexcept {
        if (memory != bytes_) return ::operator delete(memory);
        used_ = false;
    }

  private:
    alignas(std::max_align_t) std::byte bytes_[kSize];
    bool used_ = false;
};

/// Gives a `HandlerStorage` to Asio as the allocator of a handler.
template <class T>
struct HandlerAllocator {
    using value_type = T;

    explicit HandlerAllocator(HandlerStorage& used) noexcept : storage(&used) {}
    template <class U>
    HandlerAllocator(const HandlerAllocator<U>& other) noexcept : storage(other.storage) {}

    T* allocate(std::size_t count) { return static_cast<T*>(storage->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { storage->deallocate(memory); }
    template <class U>
    bool operator==(const HandlerAllocator<U>& other) const noexcept {
        return storage == other.storage;
    }

    HandlerStorage* storage;
};

}  // namespace cariosan::transport
