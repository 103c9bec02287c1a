#include "transfer/import/import_places.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "transfer/import/in_flight.hpp"

namespace cariosan::transfer {

namespace {

constexpr std::size_t kMostPlacesInFlight = 256;
constexpr std::size_t kMembersPerCall = 100;

/// Runs one command per item, several at a time, and collects the answers in the order of the items. Stops with the error
/// if the engine cannot continue.
template <class C, class MakeCommand>
Result<std::vector<std::optional<Result<typename C::Answer>>>> run_all(Engine& engine, const Caller& caller,
                                                                       std::size_t count, MakeCommand make,
                                                                       ImportWatcher& watcher) {
    using Answer = Result<typename C::Answer>;
    std::vector<std::optional<Answer>> answers(count);
    std::mutex mutex;
    std::optional<Error> end;
    InFlight in_flight(kMostPlacesInFlight);
    for (std::size_t i = 0; i < count; ++i) {
        in_flight.enter();
        bool stop = watcher.cancelled();
        {
            const std::lock_guard lock(mutex);
            stop = stop || end.has_value();
        }
        if (stop) {
            in_flight.leave();
            break;
        }
        engine.submit(caller, make(i), [&, i](Answer answer) {
            {
                const std::lock_guard lock(mutex);
                if (!answer && ends_import(answer.error())) end = answer.error();
                answers[i] = std::move(answer);
            }
            in_flight.leave();
        });
    }
    in_flight.wait_until_empty();
    if (end) return *std::move(end);
    if (watcher.cancelled()) return Error(ErrorCode::unavailable, "cancelled");
    return answers;
}

Result<Done> make_users(Engine& engine, const Caller& backend, const ImportSurvey& survey,
                        ImportPlaces& places, ImportWatcher& watcher) {
    const std::vector<std::string>& names = survey.users();
    auto found = run_all<GetUser>(
        engine, backend, names.size(), [&](std::size_t i) { return GetUser{.user = names[i]}; }, watcher);
    if (!found) return found.error();
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const Result<User>& answer = *(*found)[i];
        // A name that happens to be another user's internal id does not refer to that user.
        if (answer && answer->external_id == names[i]) {
            places.users[names[i]] = {answer->id, {}, false};
        } else {
            missing.push_back(names[i]);
        }
    }
    auto made = run_all<UpsertUser>(
        engine, backend, missing.size(),
        [&](std::size_t i) { return UpsertUser{.external_id = missing[i], .name = missing[i], .imported = true}; }, watcher);
    if (!made) return made.error();
    for (std::size_t i = 0; i < missing.size(); ++i) {
        const Result<User>& answer = *(*made)[i];
        if (answer) {
            places.users[missing[i]] = {answer->id, {}, true};
        } else {
            places.users[missing[i]] = {{}, "no user can be made of it: " + answer.error().message, false};
        }
    }
    return Done{};
}

Result<Done> make_channel(Engine& engine, const Caller& backend, const ImportSurvey& survey,
                          const ImportSurvey::ChannelUsers& item, ImportPlaces& places) {
    auto& place = places.channels[item.channel];
    const auto first = std::find_if(item.users.begin(), item.users.end(), [&](std::size_t user) {
        return places.users.at(survey.users()[user]).fault.empty();
    });
    if (first == item.users.end()) {
        place.fault = "it has no user who could be its member";
        return Done{};
    }
    auto outcome = engine.run_any(backend, CreateChannel{.type = ChannelType::group,
                                                         .external_id = item.channel,
                                                         .name = item.channel,
                                                         .member_external_ids = {survey.users()[*first]},
                                                         .imported = true});
    if (outcome) {
        place.id = std::get<Channel>(outcome->answer).id;
        place.created = outcome->created;
    } else if (ends_import(outcome.error())) {
        return outcome.error();
    } else {
        place.fault = "no channel can be made of it: " + outcome.error().message;
    }
    return Done{};
}

}  // namespace

bool ends_import(const Error& error) {
    switch (error.code) {
        case ErrorCode::internal:
        case ErrorCode::unavailable:
        case ErrorCode::would_block:
        case ErrorCode::forked:
        case ErrorCode::misuse:
        case ErrorCode::unauthorized:
        case ErrorCode::forbidden:
        case ErrorCode::rate_limited: return true;
        default: return false;
    }
}

Result<ImportPlaces> make_import_places(Engine& engine, WorkspaceId workspace, const ImportSurvey& survey,
                                        ImportWatcher& watcher) {
    const Caller backend = Caller::backend(workspace);
    ImportPlaces places;
    if (auto made = make_users(engine, backend, survey, places, watcher); !made) return made.error();
    for (const auto& item : survey.channels()) {
        if (watcher.cancelled()) return Error(ErrorCode::unavailable, "cancelled");
        if (auto made = make_channel(engine, backend, survey, item, places); !made) return made.error();
    }
    return places;
}

bool join_import_members(Engine& engine, WorkspaceId workspace, const ImportSurvey& survey,
                         const ImportPlaces& places, ImportWatcher& watcher) {
    const Caller backend = Caller::backend(workspace);
    bool all = true;
    for (const auto& item : survey.channels()) {
        const auto& place = places.channels.at(item.channel);
        if (!place.fault.empty()) continue;
        std::vector<std::string> names;
        for (const std::size_t user : item.users) {
            if (places.users.at(survey.users()[user]).fault.empty()) names.push_back(survey.users()[user]);
        }
        for (std::size_t begin = 0; begin < names.size() && !watcher.cancelled(); begin += kMembersPerCall) {
            AddMembers command{.channel = place.id.to_string(), .imported = true};
            const auto first = names.begin() + static_cast<std::ptrdiff_t>(begin);
            const std::size_t count = std::min(kMembersPerCall, names.size() - begin);
            command.external_ids.assign(first, first + static_cast<std::ptrdiff_t>(count));
            if (auto added = engine.run(backend, std::move(command)); !added) {
                watcher.trouble("members of " + item.channel + ": " + added.error().message);
                all = false;
            }
        }
        // The member that the channel was created with joined before the messages.
        if (place.created && !names.empty()) {
            const UserId first = places.users.at(names.front()).id;
            const auto read =
                engine.run(Caller::user(workspace, first), MarkRead{.channel = place.id.to_string()});
            if (!read) watcher.trouble("read position in " + item.channel + ": " + read.error().message);
        }
    }
    return all && !watcher.cancelled();
}

}  // namespace cariosan::transfer
