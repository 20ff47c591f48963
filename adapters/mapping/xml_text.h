// libxml2's texts are unsigned; these are the only casts.
#pragma once

#include <memory>
#include <string>

#include <libxml/xmlmemory.h>
#include <libxml/xmlstring.h>

namespace relais::mapping {

inline const xmlChar* xml_text(const std::string& text) { return reinterpret_cast<const xmlChar*>(text.c_str()); }

inline std::string text_of(const xmlChar* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

struct FreeText {
  void operator()(xmlChar* text) const { xmlFree(text); }
};

/// A text that libxml2 hands over.
inline std::unique_ptr<xmlChar, FreeText> owned(xmlChar* text) { return std::unique_ptr<xmlChar, FreeText>(text); }

/// Before any use of libxml2 on a thread: starts it once for the process, makes it fetch nothing, whatever a document
/// names, and print nothing.
void prepare_libxml();

/// As a handler of errors: libxml2's own sentences quote values.
inline void say_nothing(void*, xmlError*) {}

}  // namespace relais::mapping
