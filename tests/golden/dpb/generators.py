# Registers live on the heap, so calls take their *_HEAP form; `yield from` and `await` are the same loop.
def walk(tree):
    if tree:
        yield from walk(tree.left)
        got = yield tree.value
        print(got)
async def gather(tasks):
    async with tasks.lock as lock:
        async for task in tasks:
            await task(lock)
