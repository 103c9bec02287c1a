#include "import_survey.hpp"

#include "import_line.hpp"
#include "line_reader.hpp"

namespace cariosan::server {

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

Result<ImportSurvey> survey_import(const std::string& path) {
    auto reader = LineReader::open(path, kMaxImportLineBytes);
    if (!reader) return reader.error();
    ImportSurvey survey;
    LineReader::Line line;
    auto status = reader->next(line);
    for (; status == LineReader::Status::line; status = reader->next(line)) {
        if (line.too_long || line.text.empty()) continue;
        const auto parsed = parse_import_line(line.text);
        if (const auto* good = std::get_if<ImportLine>(&parsed)) survey.add(good->channel, good->user);
    }
    if (status == LineReader::Status::failed)
        return Error(ErrorCode::unavailable, "reading " + path + " failed");
    return survey;
}

}  // namespace cariosan::server
