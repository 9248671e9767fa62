match = case = type = _ = 1
match (x)
type(match[case])
type X[T] = match
