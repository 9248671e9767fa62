# A frame object that outlives its generator takes over the variables, however the generator ended.
def numbers(a):
    b = 1
    yield b
    yield 2


frame = numbers([1, 2]).gi_frame
print(frame.f_locals)  # expect: {'a': [1, 2]}
generator = numbers([3])
next(generator)
frame = generator.gi_frame
del generator
print(frame.f_locals, frame.f_back)  # expect: {'a': [3], 'b': 1} None
generator = numbers([4])
frame = generator.gi_frame
generator.close()
del generator
print(frame.f_locals)  # expect: {'a': [4]}
generator = numbers([5])
next(generator)
frame = generator.gi_frame
generator.close()
del generator
print(frame.f_locals)  # expect: {'a': [5], 'b': 1}
