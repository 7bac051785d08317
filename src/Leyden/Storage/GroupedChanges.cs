namespace Leyden.Storage;

/// <summary>
/// Changes a document that many others change all the time, in this process and in others: what is asked for while a write is under way goes
/// into the next one together (group commit), in the order of asking, and writers of other processes give each other room
/// (<see cref="WritePace"/>). Each change is told that it is done after the write that holds it, so it is as safe as a write of its own.
/// </summary>
/// <param name="store">Where the document is.</param>
/// <param name="key">Its key.</param>
/// <param name="empty">What it is while there is none.</param>
/// <param name="time">Measures pauses and ages.</param>
/// <param name="random">Spreads the pauses.</param>
public sealed class GroupedChanges<T>(IObjectStore store, ObjectKey key, T empty, TimeProvider time, Random random)
    where T : class
{
    private const int MaxGroup = 1_000;
    private const int MaxAttempts = 50;

    private readonly Lock _lock = new();
    private readonly Queue<Change> _waiting = new(); // bounded by the callers, each of whom waits for its own
    private readonly RecentVersion<T> _recent = new(time);
    private readonly WritePace _pace = new(time, random);
    private bool _isWorking;

    /// <summary>The document as this process saw it last; null when that is more than a few seconds ago.</summary>
    public T? Recent => _recent.Any?.Value;

    /// <summary>Changes the document.</summary>
    /// <param name="change">
    /// Gives the new document and a result; the same document when it is to stay as it is. Called again after each lost race, so it must be a
    /// pure function. The result is that of the call whose document was written, or found to need no change.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the change may still happen.</param>
    /// <exception cref="ContentionException">The race against other processes was lost 50 times.</exception>
    public async Task<TResult> ChangeAsync<TResult>(
        Func<T, (T Document, TResult Result)> change,
        CancellationToken cancellationToken
    )
    {
        var asked = new Change<TResult>(change, cancellationToken);
        lock (_lock)
        {
            _waiting.Enqueue(asked);
            if (!_isWorking)
            {
                _isWorking = true;
                _ = Task.Run(WorkAsync, CancellationToken.None); // for all who come meanwhile: not to be stopped by one; never throws
            }
        }

        return await asked.Done.WaitAsync(cancellationToken);
    }

    private async Task WorkAsync()
    {
        var group = new List<Change>();
        var lost = 0;
        while (Gather(group, mayEnd: true))
        {
            try
            {
                var isDone = await WriteAsync(group, hasLost: lost > 0);
                lost = isDone ? 0 : lost + 1;
                if (lost == MaxAttempts)
                {
                    throw new ContentionException(
                        $"The object {key} was changed by others {MaxAttempts} times in a row."
                    );
                }
            }
            catch (Exception e)
            {
                // Whether the write was done is not known: as with a write of its own, whoever asked repeats.
                group.ForEach(c => c.Fail(e));
                group.Clear();
                lost = 0;
                _recent.Forget();
            }
        }
    }

    /// <summary>Takes who waits into the group.</summary>
    /// <returns>Whether there is anything to do; when not and it may end, the next who comes starts a new worker.</returns>
    private bool Gather(List<Change> group, bool mayEnd = false)
    {
        lock (_lock)
        {
            while (group.Count < MaxGroup && _waiting.TryDequeue(out var next))
            {
                if (!next.IsGivenUp)
                {
                    group.Add(next);
                }
            }

            _isWorking = group.Count > 0 || !mayEnd;
            return group.Count > 0;
        }
    }

    /// <summary>Tries once. Who is done leaves the group.</summary>
    /// <returns>False when the race was lost.</returns>
    private async Task<bool> WriteAsync(List<Change> group, bool hasLost)
    {
        await _pace.WaitAsync();
        Gather(group);
        var known = hasLost ? null : _recent.Trusted;
        var asked = known is null ? group.Count : 0;
        var found = known ?? await store.GetJsonAsync<T>(key, CancellationToken.None);
        Gather(group);
        var before = found?.Value ?? empty;
        var after = group.Aggregate(before, (document, change) => change.Apply(document));
        if (ReferenceEquals(before, after))
        {
            // To find that nothing changes takes a read that began after the question; who came later asks again.
            _recent.Found(known is null ? found : null);
            Finish(group, asked);
            return true;
        }

        var condition = found is null ? WriteCondition.IfAbsent : WriteCondition.IfMatch(found.ETag);
        if (await store.PutJsonAsync(key, after, condition, CancellationToken.None) is { } tag)
        {
            _recent.Found(new Versioned<T>(after, tag));
            _pace.Won();
            Finish(group, group.Count);
            return true;
        }

        _recent.Lost();
        if (known is null)
        {
            _pace.Lost();
        }

        return false;
    }

    private static void Finish(List<Change> group, int count)
    {
        group[..count].ForEach(c => c.Finish());
        group.RemoveRange(0, count);
    }

    private abstract class Change(CancellationToken cancellationToken)
    {
        public bool IsGivenUp => cancellationToken.IsCancellationRequested;

        public abstract T Apply(T document);

        public abstract void Finish();

        public abstract void Fail(Exception reason);
    }

    private sealed class Change<TResult>(
        Func<T, (T Document, TResult Result)> change,
        CancellationToken cancellationToken
    ) : Change(cancellationToken)
    {
        private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TResult? _result;
        private Exception? _fault;

        public Task<TResult> Done => _done.Task;

        // A fault of one is not one of those beside it.
        public override T Apply(T document)
        {
            try
            {
                (document, _result) = change(document);
                _fault = null;
            }
            catch (Exception e)
            {
                _fault = e;
            }

            return document;
        }

        public override void Finish()
        {
            if (_fault is null)
            {
                _done.TrySetResult(_result!);
            }
            else
            {
                _done.TrySetException(_fault);
            }
        }

        public override void Fail(Exception reason) => _done.TrySetException(reason);
    }
}
