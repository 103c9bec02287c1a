#include "protocol/metrics/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>

namespace cariosan::protocol {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<std::uint64_t> read_resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    if (!(file >> all >> resident)) return std::nullopt;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> count_descriptors() {
    std::error_code failed;
    const std::filesystem::directory_iterator folder("/proc/self/fd", failed);
    if (failed) return std::nullopt;
    // The one that lists them is one of them.
    return static_cast<std::uint64_t>(std::distance(begin(folder), end(folder))) - 1;
}

/// When the system was started, in seconds since 1970.
std::optional<double> read_boot_time() {
    std::ifstream file("/proc/stat");
    std::string name;
    while (file >> name) {
        double time = 0;
        if (name == "btime" && file >> time) return time;
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

std::optional<double> read_start() {
    const auto boot = read_boot_time();
    std::ifstream file("/proc/self/stat");
    std::string line;
    if (!boot || !std::getline(file, line)) return std::nullopt;
    // The program's name, in parentheses, may contain anything. After it the state is field 3, and the start is field 22.
    constexpr int kFieldsBefore = 19;
    std::istringstream rest(line.substr(line.rfind(')') + 1));
    std::string field;
    for (int i = 0; i < kFieldsBefore; ++i) rest >> field;
    double ticks = 0;
    if (!(rest >> ticks)) return std::nullopt;
    return *boot + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessFigures process_figures() {
    ProcessFigures figures;
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) figures.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.most_descriptors = limit.rlim_cur;
    figures.resident_bytes = read_resident_bytes();
    figures.open_descriptors = count_descriptors();
    figures.started_at = read_start();
    return figures;
}

}  // namespace cariosan::protocol
