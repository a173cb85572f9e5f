"""What the command line's parser has to say of a wrong setting, in words that a person knows."""

import re

import jsonargparse

KINDS = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "a text"}
LIST = "a list in JSON"
_NAME = r'Parser key "(?P<name>[^"]+)": '
_VALUE = r"(?:Got value|Given value): (?P<value>.*)"
_OF_KIND = re.compile(_NAME + rf"Expected a <class '(?P<kind>\w+)'>\. {_VALUE}")
_OR_NOTHING = re.compile(_NAME + rf"Does not validate .*?\[<class '(?P<kind>\w+)'>, .*NoneType.* {_VALUE}")
_ONE_OF = re.compile(_NAME + rf"Expected a typing\.Literal\[(?P<allowed>.*?)\]\. {_VALUE}")
_GROUP = re.compile(_NAME + r"Unable to load config '(?P<value>[^']*)'")
_FORMS = (
    (_OF_KIND, "{kind}"),
    (_OR_NOTHING, "{kind} or null"),
    (_ONE_OF, "one of {allowed}"),
    (_GROUP, "settings in JSON; each has an option of its own, as --help lists them"),
)


def plain_words(error: jsonargparse.ArgumentError) -> str:
    """The option, what was given, and what is allowed; what is not known here stays as the parser says it."""
    told = " ".join(str(error).split())
    if told.startswith("unrecognized arguments"):
        return f"{told} (--help lists the options)"
    for pattern, form in _FORMS:
        if match := pattern.search(told):
            found = match.groupdict()
            kind = KINDS.get(found.get("kind", ""), LIST)
            allowed = form.format(kind=kind, allowed=found.get("allowed", "").replace("'", ""))
            return f"--{found['name']} {found['value'].strip()} is not {allowed}"
    return told
