@deco
async def f[T: int = str, *Ts, **P](a, /, b: T = 1, *c: *Ts, d, e=2, **g) -> None:
    return lambda x, *, y=1: (yield x)
