#include "adapters/mapping/outgoing.h"

#include "adapters/mapping/rule.h"
#include "broker/base/ids.h"

namespace relais::mapping {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// One step down to a value that is there.
struct Visited {
  const FieldDescriptor* field;
  int index;           // -1: not a list
  std::string system;  // of an Identifier
};

bool matches(const Step& step, const Visited& visited) {
  if (step.field != visited.field) return false;
  if (step.index && *step.index != visited.index) return false;
  return step.key.empty() || step.key == visited.system;
}

bool covers(const Steps& steps, const std::vector<Visited>& way) {
  // An identifier is one value to the reader: its system is carried with it.
  const bool identifier = !way.empty() && !way.back().system.empty();
  if (steps.size() != way.size() + (identifier ? 1 : 0)) return false;
  for (std::size_t i = 0; i < way.size(); ++i)
    if (!matches(steps[i], way[i])) return false;
  return true;
}

std::string name_of_way(const std::string& root, const std::vector<Visited>& way) {
  std::string name = root;
  for (const auto& one : way) {
    name += "." + std::string(one.field->name());
    if (!one.system.empty()) name += "[" + one.system + "]";
  }
  return name;
}

class LossWalk {
 public:
  LossWalk(std::string root, const std::vector<const Steps*>& taken, std::set<std::string>& lost)
      : root_(std::move(root)), taken_(&taken), lost_(&lost) {}

  void visit(const Message& message) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const auto* const field : fields) {
      const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        if (field->message_type() != nullptr) {
          below(message, *field, i);
          continue;
        }
        way_.push_back({field, field->is_repeated() ? i : -1, {}});
        leaf();
        way_.pop_back();
      }
    }
  }

 private:
  void below(const Message& message, const FieldDescriptor& field, int index) {
    const auto& reflect = *message.GetReflection();
    const auto& item =
        field.is_repeated() ? reflect.GetRepeatedMessage(message, &field, index) : reflect.GetMessage(message, &field);
    Visited visited{&field, field.is_repeated() ? index : -1, {}};
    if (field.message_type()->name() == "Identifier")
      visited.system = item.GetReflection()->GetString(item, field.message_type()->FindFieldByName("system"));
    const bool identifier = !visited.system.empty();
    way_.push_back(std::move(visited));
    if (identifier)
      leaf();
    else
      visit(item);
    way_.pop_back();
  }

  void leaf() {
    for (const auto* const steps : *taken_)
      if (covers(*steps, way_)) return;
    lost_->insert(name_of_way(root_, way_));
  }

  std::string root_;
  const std::vector<const Steps*>* taken_;
  std::set<std::string>* lost_;
  std::vector<Visited> way_;
};

}  // namespace

OpenedMessage::OpenedMessage(const OutgoingMessage& message, std::vector<Fault>& faults) : message_(&message) {
  for (const auto& content : message.contents) {
    const auto* const type = content_type(content.category);
    if (type == nullptr || contents_.contains(content.category)) {
      faults.push_back(make_fault("content.categories", {std::to_string(content.category), 0, 0}));
      continue;
    }
    auto opened = new_content(content.category);
    if (!opened->ParseFromString(content.bytes))
      faults.push_back(make_fault("content.malformed", {std::string(type->word), 0, 0}));
    contents_.emplace(content.category, std::move(opened));
  }
}

const Message& OpenedMessage::body() const {
  return message_->envelope.GetReflection()->GetMessage(message_->envelope, body_field(kind()));
}

std::vector<std::string> OpenedMessage::values(const FieldPath& path) const {
  const auto one = [](const std::string& text) {
    return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
  };
  if (path.root == Root::kind) return one(std::string(name_of(kind())));
  if (path.root == Root::local) {
    if (path.local == "reference") return one(message_->local.reference);
    if (path.local == "appointment") return one(message_->local.appointment);
    if (!message_->local.referral.empty()) return one(message_->local.referral);
    const auto& id = message_->envelope.referral_id();
    return one(id.empty() ? std::string() : base::id_text(id));
  }
  const auto* const steps = path.steps_for(kind());
  if (steps == nullptr) return {};
  if (path.root == Root::envelope) return values_at(message_->envelope, *steps);
  if (path.root == Root::body) return values_at(body(), *steps);
  const auto found = contents_.find(path.category);
  return found == contents_.end() ? std::vector<std::string>() : values_at(*found->second, *steps);
}

std::set<std::string> OpenedMessage::lost(const std::vector<const FieldPath*>& taken) const {
  std::set<std::string> lost;
  const auto walk = [&](const Message& message, Root root, v1::Category category, const std::string& name) {
    std::vector<const Steps*> steps;
    for (const auto* const path : taken)
      if (path->root == root && path->category == category)
        if (const auto* const way = path->steps_for(kind())) steps.push_back(way);
    LossWalk(name, steps, lost).visit(message);
  };
  walk(body(), Root::body, v1::CATEGORY_UNSPECIFIED, "body");
  for (const auto& [category, content] : contents_)
    walk(*content, Root::content, category, std::string(content_type(category)->word));
  return lost;
}

}  // namespace relais::mapping
