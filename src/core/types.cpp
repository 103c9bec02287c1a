#include <algorithm>
#include <cariosan/types.hpp>
#include <chrono>

namespace cariosan {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::int64_t kMillisecondsPerDay = 86'400'000;
/// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: the range of RFC 3339.
constexpr std::int64_t kFirstMillisecond = -62'167'219'200'000;
constexpr std::int64_t kLastMillisecond = 253'402'300'799'999;

constexpr bool is_hyphen_place(std::size_t place) {
    return place == 8 || place == 13 || place == 18 || place == 23;
}

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

void put_number(char* out, int digits, std::int64_t number) {
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

/// Consumes text from the front of a string; each call returns whether it was there.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    bool digits(std::size_t count, int& value) {
        if (rest_.size() < count) return false;
        value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_digit(rest_[i])) return false;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return true;
    }

    /// Consumes one character if it is one of `wanted`, otherwise returns NUL.
    char one_of(std::string_view wanted) {
        if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return '\0';
        const char found = rest_.front();
        rest_.remove_prefix(1);
        return found;
    }

    /// One or more digits; those after the third are ignored.
    bool fraction(int& milliseconds) {
        std::size_t count = 0;
        milliseconds = 0;
        for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
            if (count < 3) milliseconds = milliseconds * 10 + (rest_[count] - '0');
        }
        for (std::size_t i = count; i < 3; ++i) milliseconds *= 10;
        rest_.remove_prefix(count);
        return count > 0;
    }

  private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }

    std::string_view rest_;
};

/// The offset of a time from UTC, in minutes: "Z" or "+hh:mm".
std::optional<int> scan_offset(Scanner& scanner) {
    if (scanner.one_of("Zz") != '\0') return 0;
    const char sign = scanner.one_of("+-");
    int hours = 0;
    int minutes = 0;
    if (sign == '\0' || !scanner.digits(2, hours) || scanner.one_of(":") == '\0' ||
        !scanner.digits(2, minutes)) {
        return std::nullopt;
    }
    if (hours > 23 || minutes > 59) return std::nullopt;
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

/// The day of a date as a count since 1970-01-01.
std::optional<std::int64_t> scan_date(Scanner& scanner) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!scanner.digits(4, year) || scanner.one_of("-") == '\0' || !scanner.digits(2, month) ||
        scanner.one_of("-") == '\0' || !scanner.digits(2, day)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

}  // namespace

bool Uuid::is_nil() const noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string Uuid::to_string() const {
    std::string text(36, '-');
    std::size_t place = 0;
    for (const std::uint8_t byte : bytes) {
        if (is_hyphen_place(place)) ++place;
        text[place++] = kHexDigits[byte >> 4U];
        text[place++] = kHexDigits[byte & 15U];
    }
    return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    if (text.size() != 36) return std::nullopt;
    Uuid uuid;
    std::size_t place = 0;
    for (std::uint8_t& byte : uuid.bytes) {
        if (is_hyphen_place(place) && text[place++] != '-') return std::nullopt;
        const int high = hex_value(text[place++]);
        const int low = hex_value(text[place++]);
        if (high < 0 || low < 0) return std::nullopt;
        byte = static_cast<std::uint8_t>(high * 16 + low);
    }
    return uuid;
}

std::string Timestamp::to_string() const {
    // A time outside the range of RFC 3339 is shown as the nearest one inside.
    const std::int64_t shown = std::clamp(milliseconds, kFirstMillisecond, kLastMillisecond);
    const std::chrono::milliseconds since_epoch(shown);
    const auto day = std::chrono::floor<std::chrono::days>(since_epoch);
    const std::chrono::year_month_day date{std::chrono::sys_days(day)};
    const std::int64_t in_day = (since_epoch - day).count();

    std::string text = "0000-00-00T00:00:00.000Z";
    put_number(&text[0], 4, static_cast<int>(date.year()));
    put_number(&text[5], 2, static_cast<unsigned>(date.month()));
    put_number(&text[8], 2, static_cast<unsigned>(date.day()));
    put_number(&text[11], 2, in_day / 3'600'000);
    put_number(&text[14], 2, in_day / 60'000 % 60);
    put_number(&text[17], 2, in_day / 1000 % 60);
    put_number(&text[20], 3, in_day % 1000);
    return text;
}

std::optional<Timestamp> Timestamp::parse(std::string_view text) noexcept {
    Scanner scanner(text);
    const auto day = scan_date(scanner);
    int hour = 0;
    int minute = 0;
    int second = 0;
    int fraction = 0;
    if (!day || scanner.one_of("Tt") == '\0' || !scanner.digits(2, hour) || scanner.one_of(":") == '\0' ||
        !scanner.digits(2, minute) || scanner.one_of(":") == '\0' || !scanner.digits(2, second)) {
        return std::nullopt;
    }
    if (scanner.one_of(".") != '\0' && !scanner.fraction(fraction)) return std::nullopt;
    const auto offset = scan_offset(scanner);
    if (!offset || !scanner.at_end() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

    std::int64_t time =
        *day * kMillisecondsPerDay + hour * 3'600'000LL + minute * 60'000LL + second * 1000LL + fraction;
    time -= *offset * 60'000LL;
    // A leap second is only valid at the end of a UTC day; it counts as the first second of the next one.
    if (second == 60 && (time - fraction) % kMillisecondsPerDay != 0) return std::nullopt;
    return Timestamp{time};
}

std::string_view to_string(ChannelType type) noexcept {
    return type == ChannelType::direct ? "direct" : "group";
}

std::string_view to_string(Role role) noexcept { return role == Role::admin ? "admin" : "member"; }

std::string_view to_string(MessageType type) noexcept {
    switch (type) {
        case MessageType::text: return "text";
        case MessageType::image: return "image";
        case MessageType::file: return "file";
        case MessageType::system: return "system";
    }
    return "text";
}

std::optional<ChannelType> parse_channel_type(std::string_view text) noexcept {
    for (const auto type : {ChannelType::direct, ChannelType::group}) {
        if (text == to_string(type)) return type;
    }
    return std::nullopt;
}

std::string_view to_string(DevicePlatform platform) noexcept {
    switch (platform) {
        case DevicePlatform::ios: return "ios";
        case DevicePlatform::android: return "android";
        case DevicePlatform::web: return "web";
    }
    return {};
}

std::optional<DevicePlatform> parse_device_platform(std::string_view text) noexcept {
    for (const auto platform : {DevicePlatform::ios, DevicePlatform::android, DevicePlatform::web}) {
        if (text == to_string(platform)) return platform;
    }
    return std::nullopt;
}

std::optional<Role> parse_role(std::string_view text) noexcept {
    for (const auto role : {Role::member, Role::admin}) {
        if (text == to_string(role)) return role;
    }
    return std::nullopt;
}

std::optional<MessageType> parse_message_type(std::string_view text) noexcept {
    for (const auto type : {MessageType::text, MessageType::image, MessageType::file, MessageType::system}) {
        if (text == to_string(type)) return type;
    }
    return std::nullopt;
}

}  // namespace cariosan
