# json's native half: values, places of errors, hooks, shared keys, notes on what could not be written.
import json


def fails(text):
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.msg, error.pos


print(json.loads('[1, -2.5e3, "\\u00e9\\ud83d\\ude00", {"a": null}, true, NaN]'))  # expect: [1, -2500.0, 'é😀', {'a': None}, True, nan]
print(fails("[1, 2,]"), fails('{"a" 1}'), fails('{"a": 1,}'))  # expect: ('Illegal trailing comma before end of array', 5) ("Expecting ':' delimiter", 5) ('Illegal trailing comma before end of object', 7)
print(fails("[1 2]"), fails('{1: 2}'), fails("nul"))  # expect: ("Expecting ',' delimiter", 3) ('Expecting property name enclosed in double quotes', 1) ('Expecting value', 0)
print(fails('"abc'), fails('"\\x"'), fails('"\\u12"'), fails('"a\nb"'))  # expect: ('Unterminated string starting at', 0) ('Invalid \\escape', 1) ('Invalid \\uXXXX escape', 2) ('Invalid control character at', 2)
print(json.loads('{"a": 1, "a": 2.5}', object_pairs_hook=list, parse_float=str))  # expect: [('a', 1), ('a', '2.5')]
first, second = json.loads('[{"key": 1}, {"key": 2}]')
print([*first][0] is [*second][0])  # expect: True

print(json.dumps({"b": [1, 2.5, None, "é\"\n"], "a": {}}))  # expect: {"b": [1, 2.5, null, "\u00e9\"\n"], "a": {}}
print(json.dumps({"b": [1], "a": ()}, sort_keys=True, ensure_ascii=False, separators=(",", ":")))  # expect: {"a":[],"b":[1]}
print(json.dumps([1, {"x": [True]}], indent=1).split("\n"))  # expect: ['[', ' 1,', ' {', '  "x": [', '   true', '  ]', ' }', ']']
print(json.dumps({1: 2, 2.5: 3, None: 4, False: 5}))  # expect: {"1": 2, "2.5": 3, "null": 4, "false": 5}
print(json.dumps({(1, 2): 3, "x": 1}, skipkeys=True), json.dumps(float("inf")))  # expect: {"x": 1} Infinity


def refuses(value, **options):
    try:
        json.dumps(value, **options)
    except (TypeError, ValueError) as error:
        return type(error).__name__, str(error), getattr(error, "__notes__", [])


print(refuses({"a": [0, object]}))  # expect: ('TypeError', 'Object of type type is not JSON serializable', ['when serializing list item 1', "when serializing dict item 'a'"])
print(refuses(float("nan"), allow_nan=False))  # expect: ('ValueError', 'Out of range float values are not JSON compliant: nan', [])
print(refuses({(1,): 2}))  # expect: ('TypeError', 'keys must be str, int, float, bool or None, not tuple', [])
loop = []
loop.append(loop)
print(refuses(loop))  # expect: ('ValueError', 'Circular reference detected', ['when serializing list item 0'])
