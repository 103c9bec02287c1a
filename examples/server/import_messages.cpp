#include "import_messages.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "import_pipeline.hpp"
#include "import_survey.hpp"
#include "line_reader.hpp"

namespace cariosan::server {

namespace {

/// What is needed of a line when its answer arrives.
struct Submitted {
    LinePlace place;
    std::string channel;
    std::optional<std::string> reply_to;
};

class MessagePass {
  public:
    MessagePass(Engine& engine, WorkspaceId workspace, const ImportEntries& entries, const ImportReplies& replies,
                const LineReader& reader, ImportReport& report)
        : entries_(entries), replies_(replies), reader_(reader), report_(report), pipeline_(engine, workspace) {}

    void take(const LineReader::Line& line) {
        if (line.too_long) return report_.bad_line(line.place.number, "longer than 1 MiB");
        submit(line.place, line.text, true);
        settle();
    }

    /// Call after the last line: waits for open answers, then links replies that were stored before their parents.
    void finish(Console& console) {
        pipeline_.wait();
        settle();
        std::string text;
        for (const LinePlace& place : std::exchange(without_parent_, {})) {
            if (end_ || console.cancelled()) break;
            if (reader_.read_again(place, text)) {
                submit(place, text, false);
                settle_parents();
            } else {
                report_.bad_line(place.number, "it is not in the file any more");
            }
        }
        pipeline_.wait();
        settle_parents();
    }

    /// The error that stopped the import.
    const std::optional<Error>& end() const noexcept { return end_; }

  private:
    void submit(const LinePlace& place, std::string_view text, bool parent_may_follow) {
        auto read = entries_.read(text, place.number);
        if (const auto* fault = std::get_if<ImportFault>(&read)) return report_.bad_line(place.number, fault->reason);
        auto& entry = std::get<ImportEntry>(read);
        entry.command.parent_follows = parent_may_follow && entry.reply_to &&
                                       replies_.parent(entry.channel, *entry.reply_to) == ImportReplies::Parent::coming;
        pipeline_.submit(std::move(entry.command), {place, std::move(entry.channel), std::move(entry.reply_to)});
    }

    void settle() {
        pipeline_.settle([this](const Submitted& item, const Result<Outcome>& outcome) {
            if (!outcome) return refuse(item, outcome.error());
            outcome->created ? report_.imported(item.reply_to.has_value()) : report_.already_there();
            const auto& message = std::get<Message>(outcome->answer);
            if (item.reply_to && !message.parent_id && !message.deleted_at) without_parent_.push_back(item.place);
        });
    }

    void settle_parents() {
        pipeline_.settle([this](const Submitted& item, const Result<Outcome>& outcome) {
            if (!outcome) refuse(item, outcome.error());
        });
    }

    void refuse(const Submitted& item, const Error& error) {
        if (ends_import(error)) {
            if (!end_) end_ = error;
        } else if (item.reply_to && lacks_import_parent(error)) {
            const bool circle = replies_.parent(item.channel, *item.reply_to) == ImportReplies::Parent::circle;
            report_.bad_line(item.place.number, "reply_to " + *item.reply_to +
                                                    (circle ? " is in a circle of replies"
                                                            : " is no message of this channel"));
        } else {
            report_.bad_line(item.place.number, import_refusal(error));
        }
    }

    const ImportEntries& entries_;
    const ImportReplies& replies_;
    const LineReader& reader_;
    ImportReport& report_;
    std::vector<LinePlace> without_parent_;
    std::optional<Error> end_;
    ImportPipeline<Submitted> pipeline_;
};

}  // namespace

bool import_messages(Engine& engine, WorkspaceId workspace, const std::string& path, const ImportEntries& entries,
                     const ImportReplies& replies, ImportReport& report, Console& console) {
    auto reader = LineReader::open(path, kMaxImportLineBytes);
    if (!reader) {
        console.report(reader.error().message);
        return false;
    }
    MessagePass pass(engine, workspace, entries, replies, *reader, report);
    std::int64_t number = 0;
    const auto status = reader->each([&](const LineReader::Line& line) {
        number = line.place.number;
        pass.take(line);
        report.progress(reader->position(), reader->size());
        return !pass.end() && !console.cancelled();
    });
    pass.finish(console);
    if (pass.end()) {
        console.report("stopped near line " + std::to_string(number) + ": " + pass.end()->message +
                     "; what was imported stays, run the same command again to go on");
        return false;
    }
    if (status == LineReader::Status::failed) console.report("reading " + path + " failed");
    return status == LineReader::Status::end && !console.cancelled();
}

}  // namespace cariosan::server
