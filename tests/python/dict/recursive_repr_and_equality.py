# A dict inside itself prints as {...}.
d = {}
d["self"] = d
print(d, [d], {"k": [d]})  # expect: {'self': {...}} [{'self': {...}}] {'k': [{'self': {...}}]}
l = [{}]
l[0]["l"] = l
print(l)  # expect: [{'l': [...]}]
print({1: {2: 3}} == {1: {2: 4}}, {1: 1.0} == {1.0: 1})  # expect: False True
