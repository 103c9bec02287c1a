#include "engine/threads/dispatcher.hpp"

#include <future>
#include <optional>
#include <utility>

#include "engine/nodes/node_link.hpp"

namespace cariosan::engine {
namespace {

constexpr std::chrono::milliseconds kTick{250};
/// While events wait for earlier ones.
constexpr std::chrono::milliseconds kShortTick{10};

/// Whether the event closes connections, which could not learn of it from storage later.
bool ends_connections(const EventRef& event) {
    return std::holds_alternative<UserDeleted>(event->body) || std::holds_alternative<WorkspaceDeleted>(event->body) ||
           std::holds_alternative<UserSuspended>(event->body);
}

}  // namespace

Dispatcher::Dispatcher(Clock& clock, Subscriptions& subscriptions, Counters& counters)
    : clock_(clock), subscriptions_(subscriptions), counters_(counters), thread_([this] { work(); }) {}

bool Dispatcher::push(Task task) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) available_.notify_one();
    return true;
}

/// If there is no room, records the loss of the events once.
bool Dispatcher::has_room(std::size_t events) {
    if (waiting_events_ + events <= kMaxEvents) {
        waiting_events_ += events;
        return true;
    }
    if (!std::exchange(lost_, true)) tasks_.emplace_back(core::Loss{.all = true});
    return false;
}

void Dispatcher::publish(std::vector<EventRef> events, std::vector<LaneAnswers> answers) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) return queue(std::move(events), std::move(answers));
    }
    for (LaneAnswers& each : answers) each.lane->push(each.tasks);
}

void Dispatcher::queue(std::vector<EventRef> events, std::vector<LaneAnswers> answers) {
    const bool was_empty = tasks_.empty();
    if (!has_room(events.size())) {
        std::erase_if(events, [](const EventRef& event) { return !ends_connections(event); });
    }
    if (!events.empty()) tasks_.emplace_back(Published<EventRef>{std::move(events), clock_.elapsed_finely()});
    if (!answers.empty()) tasks_.emplace_back(std::move(answers));
    if (was_empty && !tasks_.empty()) available_.notify_one();
}

void Dispatcher::receive(std::span<const BusBytes> messages) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (has_room(messages.size())) {
        tasks_.emplace_back(Published<BusBytes>{{messages.begin(), messages.end()}, clock_.elapsed_finely()});
    }
    if (tasks_.size() == 1) available_.notify_one();
}

void Dispatcher::publish_lost(core::Loss loss) { push(std::move(loss)); }

void Dispatcher::subscribe(std::shared_ptr<SubscriptionQueue> queue) {
    push([this, queue = std::move(queue)] { subscriptions_.add(queue); });
}

void Dispatcher::with_hub(std::function<void(realtime::Hub&)> call) {
    push([this, call = std::move(call)] {
        if (hub_) call(*hub_);
    });
}

void Dispatcher::set_hub(std::unique_ptr<realtime::Hub> hub) {
    std::promise<void> done;
    // Shared, because a task must be copyable.
    auto shared = std::make_shared<std::unique_ptr<realtime::Hub>>(std::move(hub));
    const bool pushed = push([this, shared, &done] {
        hub_ = std::move(*shared);
        done.set_value();
    });
    if (pushed) done.get_future().wait();
}

void Dispatcher::set_nodes(NodeLink& nodes) {
    push([this, &nodes] { nodes_ = &nodes; });
}

void Dispatcher::work() {
    std::vector<Task> tasks;
    std::chrono::milliseconds next_tick = clock_.elapsed() + kTick;
    for (;;) {
        std::chrono::milliseconds now{0};
        {
            std::unique_lock lock(mutex_);
            const bool waits = hub_ && hub_->waits_for_earlier();
            available_.wait_for(lock, waits ? kShortTick : kTick, [this] { return stopping_ || !tasks_.empty(); });
            now = clock_.elapsed();  // read here, so that a tick follows everything queued before its time
            if (tasks_.empty() && stopping_) break;
            tasks.swap(tasks_);
            waiting_events_ = 0;
            lost_ = false;
        }
        if (hub_) hub_->advance(now);
        for (Task& task : tasks) std::visit([this](auto& each) { perform(each); }, task);
        if (hub_) {
            if (now >= next_tick) {
                hub_->tick(now);
                if (nodes_ != nullptr) nodes_->tick(now);
                next_tick = now + kTick;
            }
            hub_->flush();
            count_fan_out(tasks);
        }
        tasks.clear();
        if (nodes_ != nullptr) nodes_->flush();
    }
    hub_.reset();
}

void Dispatcher::count_fan_out(const std::vector<Task>& tasks) {
    std::optional<std::chrono::microseconds> now;
    const auto count = [&](const auto& published) {
        if (!now) now = clock_.elapsed_finely();
        for (std::size_t i = 0; i < published.events.size(); ++i) counters_.fan_out.add(*now - published.at);
    };
    for (const Task& task : tasks) {
        if (const auto* own = std::get_if<Published<EventRef>>(&task)) count(*own);
        if (const auto* others = std::get_if<Published<BusBytes>>(&task)) count(*others);
    }
}

void Dispatcher::perform(const Published<EventRef>& published) {
    for (const EventRef& event : published.events) {
        subscriptions_.publish(event);
        if (hub_) hub_->publish(*event);
        if (nodes_ != nullptr) nodes_->broadcast(*event);
    }
}

void Dispatcher::perform(std::vector<LaneAnswers>& answers) {
    for (LaneAnswers& each : answers) {
        if (!hub_ || !hub_->add_answers(each.lane, each.tasks)) each.lane->push(each.tasks);
    }
}

void Dispatcher::perform(const Published<BusBytes>& messages) {
    if (!hub_) return;
    for (const BusBytes& message : messages.events) {
        if (const auto event = nodes_->read(*message)) hub_->publish(*event);
    }
}

void Dispatcher::perform(const core::Loss& loss) {
    if (loss.all && nodes_ != nullptr) nodes_->dropped();
    subscriptions_.publish_lost(loss);
    if (hub_) hub_->lost(loss);
}

void Dispatcher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        available_.notify_all();
    }
    thread_.join();
}

}  // namespace cariosan::engine
