#include "transfer/import/import_survey.hpp"

#include "transfer/import/import_line.hpp"

namespace cariosan::transfer {

void ImportSurvey::add(const std::string& channel, const std::string& user) {
    const auto [user_place, user_is_new] = user_indexes_.try_emplace(user, users_.size());
    if (user_is_new) users_.push_back(user);
    const auto [channel_place, channel_is_new] = channel_indexes_.try_emplace(channel, channels_.size());
    if (channel_is_new) {
        channels_.push_back({channel, {}});
        seen_.emplace_back();
    }
    const std::size_t index = channel_place->second;
    if (seen_[index].insert(user_place->second).second) channels_[index].users.push_back(user_place->second);
}

namespace {

/// Calls `use(line, number)` for each valid line until it returns false.
template <class Use>
Result<Done> each_good_line(const ImportOptions& options, Use use) {
    auto reader = open_import(options);
    if (!reader) return reader.error();
    const auto status = reader->each([&](const LineReader::Line& line) {
        if (line.too_long) return true;
        const auto parsed = parse_import_line(line.text);
        const auto* good = std::get_if<ImportLine>(&parsed);
        return good == nullptr || use(*good, line.place.number);
    });
    if (status == LineReader::Status::failed) return import_unreadable(options);
    return Done{};
}

}  // namespace

Result<LineReader> open_import(const ImportOptions& options) {
    return LineReader::open(options.path, kMaxImportLineBytes, options.descriptor);
}

Error import_unreadable(const ImportOptions& options) {
    return {ErrorCode::unavailable, "reading " + options.path + " failed"};
}

Result<ImportSurvey> survey_import(const ImportOptions& options) {
    ImportSurvey survey;
    ImportReplies& replies = survey.replies();
    const auto named = each_good_line(options, [&](const ImportLine& line, std::int64_t) {
        survey.add(line.channel, line.user);
        if (line.reply_to) replies.ask(line.channel, *line.reply_to);
        return true;
    });
    if (!named) return named.error();
    replies.close();
    if (replies.empty()) return survey;

    bool in_order = true;
    const auto ordered = each_good_line(options, [&](const ImportLine& line, std::int64_t number) {
        in_order = replies.in_order(line.channel, import_name(line, number), line.reply_to);
        return in_order;
    });
    if (!ordered) return ordered.error();
    if (in_order) replies.clear();
    return survey;
}

}  // namespace cariosan::transfer
