call(a,
     b
print(c)
