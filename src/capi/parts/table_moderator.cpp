#include "capi/parts/table_moderator.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <utility>

#include "capi/parts/answer_json.hpp"
#include "core/propagate.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::capi {
namespace {

std::string draft_json(const ModerationDraft& draft) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        object.id("workspace", draft.workspace);
        object.id("channel", draft.channel);
        object.id("user", draft.user);
        if (draft.edited) object.id("edited", *draft.edited);
        object.string("text", draft.text);
    });
    return out;
}

Result<ModerationVerdict> read_verdict(const boost::json::object& answer) {
    constexpr std::pair<std::string_view, ModerationVerdict::Kind> kVerdicts[] = {
        {"allow", ModerationVerdict::Kind::allow},
        {"change", ModerationVerdict::Kind::change},
        {"flag", ModerationVerdict::Kind::flag},
        {"refuse", ModerationVerdict::Kind::refuse}};
    ModerationVerdict verdict;
    CARIOSAN_TRY(verdict.kind, answer_word(answer, "verdict", kVerdicts));
    CARIOSAN_TRY(verdict.reason, answer_text(answer, "reason"));
    CARIOSAN_TRY(verdict.text, answer_text(answer, "text"));
    return verdict;
}

class TableModerator final : public Moderator {
  public:
    TableModerator(const cariosan_moderator_part& part, std::shared_ptr<Questions> questions, std::size_t most)
        : part_(part), questions_(std::move(questions)), most_(most) {}
    ~TableModerator() override { questions_->abandon(this); }

    void judge(ModerationDraft draft, std::function<void(ModerationVerdict)> done) override {
        const std::string text = draft_json(draft);
        const std::uint64_t ticket = questions_->ask(
            this,
            [done = std::move(done)](const boost::json::object& answer) -> Result<std::function<void()>> {
                CARIOSAN_TRY(auto verdict, read_verdict(answer));
                return std::function<void()>([done, verdict = std::move(verdict)] { done(verdict); });
            },
            [] {}, most_);
        part_.judge(part_.context, ticket, text.c_str(), text.size());
    }

  private:
    const cariosan_moderator_part part_;
    const std::shared_ptr<Questions> questions_;
    const std::size_t most_;
};

}  // namespace

std::shared_ptr<Moderator> table_moderator(const cariosan_moderator_part& part, std::shared_ptr<Questions> questions,
                                           std::size_t most) {
    return std::make_shared<TableModerator>(part, std::move(questions), most);
}

}  // namespace cariosan::capi
