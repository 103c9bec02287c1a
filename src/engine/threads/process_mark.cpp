#include "engine/threads/process_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace cariosan::engine {
namespace {

std::size_t page_size() noexcept { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

/// A page that holds 1 here and 0 in every child; null if the system has no such pages.
char* make_page() noexcept {
#ifdef MADV_WIPEONFORK
    void* const page = ::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return nullptr;
    if (::madvise(page, page_size(), MADV_WIPEONFORK) == 0) {
        *static_cast<char*>(page) = 1;
        return static_cast<char*>(page);
    }
    ::munmap(page, page_size());
#endif
    return nullptr;
}

}  // namespace

ProcessMark::ProcessMark() noexcept : process_(::getpid()), page_(make_page()) {}

ProcessMark::~ProcessMark() {
    if (page_ != nullptr) ::munmap(const_cast<char*>(page_), page_size());
}

bool ProcessMark::is_mine() const noexcept { return page_ != nullptr ? *page_ != 0 : ::getpid() == process_; }

}  // namespace cariosan::engine
