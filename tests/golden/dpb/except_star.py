# The rest of the group that no handler took is raised again together with what the bodies raised.
def run(task):
    try:
        task()
    except* ValueError as group:
        print(group)
    except* OSError:
        pass
