/// Shared by the load generators: options, and as much of the client side of HTTP upgrades and frames as they need.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace cariosan::bench {

[[noreturn]] inline void die(const std::string& what) {
    std::fprintf(stderr, "load: %s\n", what.c_str());
    std::exit(1);
}

struct Options {
    std::map<std::string, std::string> given;

    Options(int argc, char** argv) {
        for (int i = 1; i < argc; ++i) {
            const std::string argument = argv[i];
            const std::size_t equals = argument.find('=');
            if (!argument.starts_with("--")) die("options are --name=value: " + argument);
            given[argument.substr(2, equals - 2)] =
                equals == std::string::npos ? "1" : argument.substr(equals + 1);
        }
    }
    std::string text(const std::string& name, std::string otherwise) const {
        const auto found = given.find(name);
        return found == given.end() ? std::move(otherwise) : found->second;
    }
    std::int64_t number(const std::string& name, std::int64_t otherwise) const {
        return std::stoll(text(name, std::to_string(otherwise)));
    }
    /// Separated by commas.
    std::vector<std::int64_t> numbers(const std::string& name, std::string otherwise) const {
        std::vector<std::int64_t> all;
        std::istringstream list(text(name, std::move(otherwise)));
        for (std::string each; std::getline(list, each, ',');) all.push_back(std::stoll(each));
        return all;
    }
};

/// The CPU time of all threads of a process, in nanoseconds.
inline std::int64_t cpu_of(std::int64_t pid) {
    std::int64_t total = 0;
    std::error_code error;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
        std::int64_t ran = 0;
        std::ifstream(task.path() / "schedstat") >> ran;
        total += ran;
    }
    return total;
}

inline std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    if (lines.empty()) die("nothing in " + path);
    return lines;
}

inline std::string upgrade_request(const std::string& path, const std::string& token, bool deflate = false) {
    std::string request = "GET " + path +
                          " HTTP/1.1\r\nHost: load\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    if (!token.empty()) request += "Sec-WebSocket-Protocol: cariosan.jwt." + token + "\r\n";
    if (deflate) request += "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    return request + "\r\n";
}

/// A client frame; the mask is zero, which is as good as any here.
inline std::string client_frame(std::uint8_t first, std::string_view payload) {
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame.push_back(static_cast<char>(0x80 | payload.size()));
    } else {
        frame.push_back(static_cast<char>(0x80 | 126));
        frame.push_back(static_cast<char>(payload.size() >> 8 & 0xff));
        frame.push_back(static_cast<char>(payload.size() & 0xff));
    }
    return frame.append(4, '\0').append(payload);
}

/// Passes each complete server frame in `bytes` to `take(first_byte, payload)`. Returns the rest, of an incomplete frame.
template <class Take>
std::string_view take_frames(std::string_view bytes, Take&& take) {
    while (bytes.size() >= 2) {
        const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
        std::uint64_t length = byte(1) & 0x7f;
        const std::size_t header = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (bytes.size() < header) break;
        if (header > 2) {
            length = 0;
            for (std::size_t i = 2; i < header; ++i) length = length << 8 | byte(i);
        }
        if (bytes.size() < header + length) break;
        take(byte(0), bytes.substr(header, static_cast<std::size_t>(length)));
        bytes.remove_prefix(header + static_cast<std::size_t>(length));
    }
    return bytes;
}

}  // namespace cariosan::bench
