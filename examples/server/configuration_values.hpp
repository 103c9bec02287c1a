/// Parses single values of the configuration. Each function returns the value, or what is wrong as the end of a sentence
/// that begins with the variable's name.
#pragma once

#include <cariosan/engine.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::server {

/// An integer in [`low`, `high`], in decimal digits.
std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t low, std::int64_t high);

/// "90s", "15m", "24h" or "7d".
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "debug", "info", "warning" or "error".
std::optional<LogLevel> parse_log_level(std::string_view text);

/// The items of a list separated by commas, trimmed; empty ones are dropped.
std::vector<std::string> split_list(std::string_view text);

/// An IPv4 or IPv6 address.
bool is_address(const std::string& text);

/// An address, or a range as "10.0.0.0/8".
bool is_address_range(const std::string& text);

/// "*", or scheme, host and optional port as a browser sends them in `Origin`: "https://shop.example".
bool is_origin(std::string_view text);

/// Visible ASCII only, so that it can be part of a header.
bool is_token_text(std::string_view text);

/// "type/subtype", or "type/*".
bool is_media_range(std::string_view text);

/// What is wrong with the path of a database; absent if it is fine.
std::optional<std::string> path_fault(std::string_view path);

}  // namespace cariosan::server
