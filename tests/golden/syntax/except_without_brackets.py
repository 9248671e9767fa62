try:
    pass
except A, B:
    raise C from None
else:
    x: int = 0x_ff
finally:
    del (y), [z.w, v[1:2, ...]]
