#include "tests/contract/calendar/known_differences.h"

namespace relais::calendar {

const std::map<std::string, std::string> kRefused = {
    {"ical4j-invalid/boeing.ics", "line 5, DTSTAMP: value.malformed"},
    {"ical4j-invalid/sogo-geo-escaped-semicolon.ics", "line 9, GEO: value.malformed"},
    {"ical4j-invalid/twinkle.ics", "line 107, DTSTART: value.malformed"},
    {"icaljs-parser/boolean.ics", "line 4, X-MAYBE: value.malformed"},
    {"icaljs-parser/float.ics", "line 3, X-INVALID-FLOAT: value.malformed"},
    {"icaljs-parser/grouped.ics", "line 2, GROUP1.X-TEST: property.unknown"},
    {"icaljs-parser/integer.ics", "line 3, X-INVALID: value.malformed"},
    {"icaljs-samples/recur_instances.ics", "line 21, TZID: property.missing"},
    {"libical/crash.ics", "line 2: text.control"},
    {"libical/incoming.ics", "line 17, DTEND: value.malformed"},
    {"libical/issue250.ics", "line 1, BEGIN: parameter.malformed"},
    {"libical/issue251.ics", "line 12: text.control"},
    {"libical/process-incoming.ics", "line 24, DTEND: value.malformed"},
    {"libical/restriction.ics", "line 7, DTSTAMP: value.malformed"},
    {"python-icalendar/calendars/big_bad_calendar.ics", "line 1, VCALENDAR: component.not_ended"},
    {"python-icalendar/calendars/broken_dtstart.ics", "line 6, DTSTART: value.malformed"},
    {"python-icalendar/calendars/broken_ical.ics", "line 4, DTSTART: parameter.malformed"},
    {"python-icalendar/calendars/fuzz_testcase_0_char_in_component_name.ics", "line 1: text.control"},
    {"python-icalendar/calendars/fuzz_testcase_invalid_month.ics", "line 1, BEGIN: component.unknown"},
    {"python-icalendar/calendars/invalid_duration.ics", "line 8, DURATION: value.malformed"},
    {"python-icalendar/calendars/issue_1081_invalid_rrule_freq.ics", "line 7, RRULE: value.malformed"},
    {"python-icalendar/calendars/issue_1081_invalid_start_and_end.ics", "line 6, DTSTART: value.malformed"},
    {"python-icalendar/calendars/issue_1081_invalid_start_valid_end.ics", "line 6, DTSTART: value.malformed"},
    {"python-icalendar/calendars/issue_1561_image_value.ics", "line 12, IMAGE: parameter.malformed"},
    {"python-icalendar/calendars/issue_168_input.ics", "line 6, X-APPLE-RADIUS: line.no_value"},
    {"python-icalendar/calendars/issue_178_component_with_invalid_name_represented.ics",
     "line 1, BEGIN: component.unknown"},
    {"python-icalendar/calendars/issue_178_custom_component_contains_other.ics", "line 1, BEGIN: component.unknown"},
    {"python-icalendar/calendars/issue_178_custom_component_inside_other.ics", "line 2, BEGIN: component.unknown"},
    {"python-icalendar/calendars/issue_348_exception_parsing_value.ics", "line 8, ORGANIZER: parameter.malformed"},
    {"python-icalendar/calendars/issue_350.ics", "line 36, X-COMMENT: property.outside"},
    {"python-icalendar/calendars/issue_351_whitespace_in_property_and_params.ics", "line 4, REFRESH: line.no_value"},
    {"python-icalendar/calendars/multiple_timezones.ics", "line 23, RDATE: parameter.malformed"},
    {"python-icalendar/calendars/parsing_error_in_UTC_offset.ics", "line 7, TZOFFSETFROM: value.malformed"},
    {"python-icalendar/calendars/rfc_9253_examples.ics", "line 8, LINK: property.unknown"},
    {"python-icalendar/calendars/rfc_9253_gap.ics", "line 13, RELATED-TO: parameter.malformed"},
    {"python-icalendar/calendars/small_bad_calendar.ics", "line 1, VCALENDAR: component.not_ended"},
    {"python-icalendar/calendars/timezone_rdate.ics", "line 53, SUMMARY: line.no_value"},
    {"python-icalendar/calendars/timezone_same_start_and_offset.ics", "line 23, END: component.unexpected_end"},
    {"python-icalendar/events/event_with_escaped_character3.ics", "line 2, ORGANIZER: parameter.malformed"},
    {"python-icalendar/events/event_with_escaped_characters.ics", "line 2, ORGANIZER: parameter.malformed"},
    {"python-icalendar/events/issue_104_mark_events_broken.ics", "line 9, X: line.no_value"},
    {"python-icalendar/events/issue_464_invalid_rdate.ics", "line 6, RDATE: value.malformed"},
    {"python-icalendar/events/rfc_9074_example_proximity.ics", "line 7, PROXIMITY: property.unknown"},
};

const std::map<std::string, std::string> kReadHereOnly = {
    {"libical/rfc2445-exemples.ics", "a list of several periods"},
    {"python-icalendar/calendars/america_new_york_forward_reference.ics", "a rule of a zone that ends at a local time"},
    {"python-icalendar/calendars/issue_218_bad_tzid.ics", "a zone that begins on a day, without a time"},
    {"python-icalendar/calendars/issue_27_multiple_periods_in_freebusy_one_freebusy.ics", "a list of several periods"},
    {"python-icalendar/calendars/issue_798_freebusy.ics", "a list of several periods"},
};

const std::set<std::string> kUnknownZones = {
    "libical/recur-errors.ics",
    "python-icalendar/calendars/issue_313_globally_unique_tzid.ics",
    "python-icalendar/calendars/issue_526_calendar_with_events.ics",
    "python-icalendar/calendars/issue_526_calendar_with_shuffeled_events.ics",
};

}  // namespace relais::calendar
