nan = float("nan")
print(nan == nan, nan in [nan], [nan] == [nan], len({nan, nan}), nan is nan, {nan: 1}[nan], len({float("nan"), float("nan")}))  # expect: False True True 1 True 1 2
