/// The users and channels that imported messages refer to.
#pragma once

#include <cariosan/engine.hpp>

#include <string>
#include <unordered_map>

#include "console.hpp"
#include "import_survey.hpp"

namespace cariosan::server {

/// What the names of a file stand for in the workspace. A name that could not be made has a reason instead.
struct ImportPlaces {
    template <class T>
    struct Place {
        T id;
        std::string fault;  ///< empty: `id` is there
        bool created = false;
    };
    std::unordered_map<std::string, Place<UserId>> users;
    std::unordered_map<std::string, Place<ChannelId>> channels;
};

/// Finds or makes every user and channel of the survey. A user that is there keeps its name. A new channel is a group
/// with one member, its admin: the user who wrote first. Fails where the engine cannot go on.
Result<ImportPlaces> make_import_places(Engine& engine, WorkspaceId workspace, const ImportSurvey& survey,
                                        Console& console);

/// Makes the users of each channel its members, 100 per call. After the messages, so that nobody begins with the whole
/// history unread. Reports what fails to the console and answers whether all went well.
bool join_import_members(Engine& engine, WorkspaceId workspace, const ImportSurvey& survey,
                         const ImportPlaces& places, Console& console);

/// Errors after which nothing else will work either.
bool ends_import(const Error& error);

}  // namespace cariosan::server
