#include "import.hpp"

#include "import_check.hpp"
#include "import_entry.hpp"
#include "import_messages.hpp"
#include "import_places.hpp"
#include "import_report.hpp"
#include "import_survey.hpp"

namespace cariosan::server {

bool import_file(Engine& engine, const ImportOptions& options, Console& console) {
    console.progress("reading " + options.path);
    auto survey = survey_import(options.path);
    if (!survey) {
        console.report(survey.error().message);
        return false;
    }
    console.progress("making users and channels");
    const auto places = make_import_places(engine, options.workspace, *survey, console);
    if (!places) {
        console.report("stopped: " + places.error().message);
        return false;
    }
    const ImportEntries entries(*places, options.source);
    ImportReplies& replies = survey->replies();
    console.progress("looking for what is replied to");
    const auto checked = check_import_replies(engine, options.workspace, options.path, entries, replies, console);
    if (!checked) {
        console.report("stopped: " + checked.error().message);
        return false;
    }
    ImportReport report(console, options.verbose);
    const bool complete =
        import_messages(engine, options.workspace, options.path, entries, replies, report, console) &&
        join_import_members(engine, options.workspace, *survey, *places, console);
    report.finish();
    return complete && report.bad_lines() == 0;
}

}  // namespace cariosan::server
