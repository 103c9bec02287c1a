// The special functions of the large variants. Each is long: it has a branch for every alternative.
#include <cariosan/commands.hpp>
#include <cariosan/committed.hpp>
#include <cariosan/events.hpp>

namespace cariosan {

Command::Command() = default;
Command::Command(const Command& other) = default;
Command::Command(Command&& other) noexcept = default;
Command& Command::operator=(const Command& other) = default;
Command& Command::operator=(Command&& other) noexcept = default;
Command::~Command() = default;

Answer::Answer() = default;
Answer::Answer(const Answer& other) = default;
Answer::Answer(Answer&& other) noexcept = default;
Answer& Answer::operator=(const Answer& other) = default;
Answer& Answer::operator=(Answer&& other) noexcept = default;
Answer::~Answer() = default;

Mutation::Mutation() = default;
Mutation::Mutation(const Mutation& other) = default;
Mutation::Mutation(Mutation&& other) noexcept = default;
Mutation& Mutation::operator=(const Mutation& other) = default;
Mutation& Mutation::operator=(Mutation&& other) noexcept = default;
Mutation::~Mutation() = default;

CommittedObject::CommittedObject() = default;
CommittedObject::CommittedObject(const CommittedObject& other) = default;
CommittedObject::CommittedObject(CommittedObject&& other) noexcept = default;
CommittedObject& CommittedObject::operator=(const CommittedObject& other) = default;
CommittedObject& CommittedObject::operator=(CommittedObject&& other) noexcept = default;
CommittedObject::~CommittedObject() = default;

EventBody::EventBody() = default;
EventBody::EventBody(const EventBody& other) = default;
EventBody::EventBody(EventBody&& other) noexcept = default;
EventBody& EventBody::operator=(const EventBody& other) = default;
EventBody& EventBody::operator=(EventBody&& other) noexcept = default;
EventBody::~EventBody() = default;

}  // namespace cariosan
