/// The users and channels that imported messages refer to.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/import.hpp>

#include <string>
#include <unordered_map>

#include "transfer/import/import_survey.hpp"

namespace cariosan::transfer {

/// The users and channels that a file's names refer to. A name that could not be created has a reason instead.
struct ImportPlaces {
    template <class T>
    struct Place {
        T id;
        std::string fault;  ///< empty: `id` is valid
        bool created = false;
    };
    std::unordered_map<std::string, Place<UserId>> users;
    std::unordered_map<std::string, Place<ChannelId>> channels;
};

/// Finds or creates every user and channel of the survey. Existing users keep their names. A new channel is a group with
/// one member, its admin: the user who wrote first. Fails if the engine cannot continue.
Result<ImportPlaces> make_import_places(Engine& engine, WorkspaceId workspace, const ImportSurvey& survey,
                                        ImportWatcher& watcher);

/// Makes the users of each channel its members, 100 per call. Runs after the messages, so that nobody starts with the whole
/// history unread. Tells the watcher of failures and returns whether there were none.
bool join_import_members(Engine& engine, WorkspaceId workspace, const ImportSurvey& survey,
                         const ImportPlaces& places, ImportWatcher& watcher);

/// Errors after which no other command will succeed either.
bool ends_import(const Error& error);

}  // namespace cariosan::transfer
