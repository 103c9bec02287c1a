#include "import.hpp"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "import_line.hpp"
#include "import_places.hpp"
#include "import_report.hpp"
#include "import_survey.hpp"
#include "import_waiting.hpp"
#include "in_flight.hpp"
#include "line_reader.hpp"

namespace cariosan::server {

namespace {

constexpr std::size_t kMostInFlight = 512;

/// What became of one submitted line.
struct Answered {
    LinePlace place;
    std::string id;
    std::optional<std::string> reply_to;
    std::optional<Result<Outcome>> outcome;
};

bool is_about_parent(const Error& error) {
    const ErrorDetail* field = error.detail("field");
    return field != nullptr && field->value == decltype(field->value)("parent_key");
}

/// The second pass. Answers come on the engine's callback thread and are put aside; everything else happens on the
/// thread of the command. A reply to a message that is not there waits until a later line brings it.
class MessagePass {
  public:
    MessagePass(Engine& engine, const ImportOptions& options, const ImportPlaces& places, const LineReader& reader,
                ImportReport& report)
        : engine_(engine),
          backend_(Caller::backend(options.workspace)),
          source_(options.source),
          places_(places),
          reader_(reader),
          report_(report) {}

    ~MessagePass() { in_flight_.wait_until_empty(); }
    MessagePass(const MessagePass&) = delete;
    MessagePass& operator=(const MessagePass&) = delete;

    void take(const LineReader::Line& line) {
        if (line.too_long) return report_.bad_line(line.place.number, "longer than 1 MiB");
        parse_and_submit(line.place, line.text);
        settle();
    }

    /// After the last line: what is under way ends, and whoever still waits has waited in vain.
    void finish() {
        do {
            in_flight_.wait_until_empty();
        } while (settle());
        if (end_) return;
        for (const auto& [place, parent] : waiting_.rest()) {
            report_.bad_line(place.number, "reply_to " + parent + " is no message of this channel");
        }
    }

    /// The error after which nothing more can be imported.
    const std::optional<Error>& end() const noexcept { return end_; }

  private:
    void parse_and_submit(const LinePlace& place, std::string_view text) {
        auto parsed = parse_import_line(text);
        if (const auto* fault = std::get_if<ImportFault>(&parsed)) return report_.bad_line(place.number, fault->reason);
        submit(place, std::get<ImportLine>(std::move(parsed)));
    }

    void submit(const LinePlace& place, ImportLine line) {
        // A file that grew between the passes may name someone new.
        const std::int64_t number = place.number;
        const auto user = places_.users.find(line.user);
        const auto channel = places_.channels.find(line.channel);
        if (user == places_.users.end())
            return report_.bad_line(number, "the user was not in the file before");
        if (channel == places_.channels.end())
            return report_.bad_line(number, "the channel was not in the file before");
        if (!user->second.fault.empty()) return report_.bad_line(number, "user: " + user->second.fault);
        if (!channel->second.fault.empty())
            return report_.bad_line(number, "channel: " + channel->second.fault);

        Answered answered{place, line.id.value_or(std::to_string(number)), std::move(line.reply_to), std::nullopt};
        ImportMessage command{.channel = channel->second.id.to_string(),
                              .user = user->second.id.to_string(),
                              .text = std::move(line.text),
                              .at = line.at,
                              .idempotency_key = import_key(source_, answered.id)};
        if (answered.reply_to) command.parent_key = import_key(source_, *answered.reply_to);
        in_flight_.enter();
        engine_.submit_any(backend_, std::move(command),
                           [this, answered = std::move(answered)](Result<Outcome> outcome) mutable {
                               answered.outcome = std::move(outcome);
                               {
                                   const std::lock_guard lock(mutex_);
                                   answered_.push_back(std::move(answered));
                               }
                               in_flight_.leave();
                           });
    }

    /// False if there was nothing to settle.
    bool settle() {
        std::deque<Answered> answered;
        {
            const std::lock_guard lock(mutex_);
            answered.swap(answered_);
        }
        for (Answered& item : answered) settle(item);
        return !answered.empty();
    }

    void settle(Answered& item) {
        const Result<Outcome>& outcome = *item.outcome;
        if (outcome) {
            outcome->duplicate ? report_.already_there() : report_.imported(item.reply_to.has_value());
            return submit_replies(item.id);
        }
        const Error& error = outcome.error();
        if (ends_import(error)) {
            if (!end_) end_ = error;
        } else if (item.reply_to && is_about_parent(error)) {
            waiting_.wait_for(*std::move(item.reply_to), item.place);
        } else {
            report_.bad_line(item.place.number, error.message);
        }
    }

    void submit_replies(const std::string& parent) {
        std::string text;
        for (const LinePlace& place : waiting_.take(parent)) {
            if (end_) return;
            if (reader_.read_again(place, text)) {
                parse_and_submit(place, text);
            } else {
                report_.bad_line(place.number, "it is not in the file any more");
            }
        }
    }

    Engine& engine_;
    const Caller backend_;
    const std::string source_;
    const ImportPlaces& places_;
    const LineReader& reader_;
    ImportReport& report_;
    WaitingReplies waiting_;
    std::optional<Error> end_;
    std::mutex mutex_;
    std::deque<Answered> answered_;  ///< bounded by what may be in flight
    InFlight in_flight_{kMostInFlight};
};

/// Answers whether the file was read to its end and everything in it was taken or reported.
bool import_messages(Engine& engine, const ImportOptions& options, const ImportPlaces& places,
                     ImportReport& report, Console& console) {
    auto reader = LineReader::open(options.path, kMaxImportLineBytes);
    if (!reader) {
        console.tell(reader.error().message);
        return false;
    }
    MessagePass pass(engine, options, places, *reader, report);
    LineReader::Line line;
    auto status = LineReader::Status::end;
    while (!pass.end() && !console.cancelled()) {
        status = reader->next(line);
        if (status != LineReader::Status::line) break;
        if (line.text.empty() && !line.too_long) continue;
        pass.take(line);
        report.progress(reader->position(), reader->size());
    }
    pass.finish();
    if (pass.end()) {
        console.tell("stopped near line " + std::to_string(line.place.number) + ": " + pass.end()->message +
                     "; what was imported stays, run the same command again to go on");
        return false;
    }
    if (status == LineReader::Status::failed) console.tell("reading " + options.path + " failed");
    return status == LineReader::Status::end && !console.cancelled();
}

}  // namespace

bool import_file(Engine& engine, const ImportOptions& options, Console& console) {
    console.progress("reading " + options.path);
    auto survey = survey_import(options.path);
    if (!survey) {
        console.tell(survey.error().message);
        return false;
    }
    console.progress("making users and channels");
    auto places = make_import_places(engine, options.workspace, *survey, console);
    if (!places) {
        console.tell("stopped: " + places.error().message);
        return false;
    }
    ImportReport report(console, options.verbose);
    const bool complete = import_messages(engine, options, *places, report, console) &&
                          join_import_members(engine, options.workspace, *survey, *places, console);
    report.finish();
    return complete && report.bad_lines() == 0;
}

}  // namespace cariosan::server
