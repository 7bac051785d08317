metadata description = 'Alert rules on what Leyden measures. Each asks Application Insights by a query of infra/monitoring/alerts and names the part of docs/operations.md to follow.'

@description('Where the rules are kept.')
param location string

@description('The tags of every resource.')
param tags object

@description('The Application Insights component that the app sends its telemetry to.')
param applicationInsightsId string

@description('What makes names unique, the same in all modules.')
param token string

@description('Who is told by e-mail; empty: the alerts are only shown in the portal.')
param actionEmail string = ''

@description('Where operators find docs/operations.md: the path in the repository, or the address of the page where they read it.')
param runbook string = 'docs/operations.md'

@description('Failed predictions in percent of those that ended, over 15 minutes. 10: a broken backend or storage fails most of them, single bad outputs stay below.')
@minValue(1)
@maxValue(100)
param failurePercent int = 10

@description('Requests in percent that a backend left without a usable answer, over 15 minutes. 25: a lost one in ten is repeated and nobody notices.')
@minValue(1)
@maxValue(100)
param backendFaultPercent int = 25

@description('Openings of the breaker within 30 minutes. 2: the third opening means that it was out for at least three minutes.')
@minValue(0)
param breakerOpenings int = 2

@description('Seconds in the queue on average, over 15 minutes. 120: at the 60 requests a minute of Eachlabs, two for each prediction, 60 are waiting.')
@minValue(1)
param queueSeconds int = 120

@description('Use of a limit in percent on average, over 30 minutes. 700: one batch keeps 60 under way (Leyden__Batches__MaxConcurrent) at 10 places, which is 600 and no fault.')
@minValue(100)
param limitPercent int = 700

@description('Seconds from acceptance to success within which 95 of 100 are there, over 30 minutes. 60: a run of some seconds and a place in the queue; a cold container that is woken for a prediction takes longer.')
@minValue(1)
param latencySeconds int = 60

@description('US dollars that backends billed within a day. 20: about 6,500 pictures of two seconds at 0.00154 dollars a second.')
@minValue(1)
param dollarsPerDay int = 20

@description('Orchestrations that the sweeper started within 15 minutes. 5: one or two follow a restart of an instance in the middle of an acceptance.')
@minValue(0)
param restarts int = 5

var rules = [
  {
    name: 'nothing-ends'
    title: 'Predictions are accepted and none ends'
    action: 'The engine or its storage stands still: look whether the app runs and reaches its task hub.'
    query: loadTextContent('../monitoring/alerts/nothing-ends.kql')
    column: 'accepted'
    by: []
    threshold: 0
    severity: 1
    frequency: 'PT5M'
    window: 'PT30M'
  }
  {
    name: 'server-errors'
    title: 'The API answers 500'
    action: 'Find the exception by the reference in the answer; most often the storage account or a role is at fault.'
    query: loadTextContent('../monitoring/alerts/server-errors.kql')
    column: 'errors'
    by: []
    threshold: 5
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'backend-refuses'
    title: 'A backend refuses what it is asked'
    action: 'Key, credit or model: read the failure\'s detail and renew the key, pay, or correct the model.'
    query: loadTextContent('../monitoring/alerts/backend-refuses.kql')
    column: 'failed'
    by: ['backend']
    threshold: 0
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'failure-rate'
    title: 'Many predictions fail'
    action: 'See which failure code prevails, and follow it.'
    query: loadTextContent('../monitoring/alerts/failure-rate.kql')
    column: 'percent'
    by: []
    threshold: failurePercent
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'backend-faults'
    title: 'A backend does not answer'
    action: 'See whether it is down, restarts or can not be reached, and send predictions elsewhere.'
    query: loadTextContent('../monitoring/alerts/backend-faults.kql')
    column: 'percent'
    by: ['backend']
    threshold: backendFaultPercent
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
  }
  {
    name: 'breaker-open'
    title: 'A backend is out again and again'
    action: 'Read the reason in its health document, mend it, and let one prediction try.'
    query: loadTextContent('../monitoring/alerts/breaker-open.kql')
    column: 'openings'
    by: ['backend']
    threshold: breakerOpenings
    severity: 2
    frequency: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'cost-per-day'
    title: 'Backends bill more than planned'
    action: 'See who asks for it, and take the key away or limit it at the backend.'
    query: loadTextContent('../monitoring/alerts/cost-per-day.kql')
    column: 'dollars'
    by: []
    threshold: dollarsPerDay
    severity: 2
    frequency: 'PT1H'
    window: 'P1D'
  }
  {
    name: 'submission-unknown'
    title: 'Answers to creates were lost'
    action: 'Look at the backend for runs that nobody waits for before anything is asked for again.'
    query: loadTextContent('../monitoring/alerts/submission-unknown.kql')
    column: 'lost'
    by: ['backend']
    threshold: 0
    severity: 3
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'queue-time'
    title: 'Predictions wait long'
    action: 'See whether demand or the backend is the cause; raise the limit only where the backend allows more.'
    query: loadTextContent('../monitoring/alerts/queue-time.kql')
    column: 'seconds'
    by: ['backend']
    threshold: queueSeconds
    severity: 3
    frequency: 'PT15M'
    window: 'PT15M'
  }
  {
    name: 'quota-saturation'
    title: 'A limit is used up'
    action: 'More is asked for than the backend\'s limits let through: find who asks, or have the limit raised.'
    query: loadTextContent('../monitoring/alerts/quota-saturation.kql')
    column: 'percent'
    by: ['backend', 'limit']
    threshold: limitPercent
    severity: 3
    frequency: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'latency'
    title: 'Pictures come late'
    action: 'See whether queue, run or storing takes the time.'
    query: loadTextContent('../monitoring/alerts/latency.kql')
    column: 'p95'
    by: []
    threshold: latencySeconds
    severity: 3
    frequency: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'restarts'
    title: 'Orchestrations are lost'
    action: 'The sweeper heals them; find what ends them: a deployment, a purged hub, an instance that dies.'
    query: loadTextContent('../monitoring/alerts/restarts.kql')
    column: 'restarts'
    by: []
    threshold: restarts
    severity: 3
    frequency: 'PT15M'
    window: 'PT15M'
  }
  {
    name: 'parked-deliveries'
    title: 'Webhooks were given up'
    action: 'Tell the receiver\'s owner; when it answers again, resume the endpoint or redeliver.'
    query: loadTextContent('../monitoring/alerts/parked-deliveries.kql')
    column: 'parked'
    by: ['channel']
    threshold: 0
    severity: 3
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'poison-messages'
    title: 'Messages could not be served'
    action: 'Read the reason in the poison queue, correct the sender, and send them again.'
    query: loadTextContent('../monitoring/alerts/poison-messages.kql')
    column: 'messages'
    by: []
    threshold: 0
    severity: 3
    frequency: 'PT15M'
    window: 'PT1H'
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(actionEmail)) {
  name: 'ag-leyden-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'leyden'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: actionEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Leyden: ${rule.title}'
      description: '${rule.action} ${runbook}#${rule.name}'
      severity: rule.severity
      enabled: true
      autoMitigate: true
      scopes: [applicationInsightsId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      // A component that nothing has been sent to yet may not know the columns; the tests bind the queries instead.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: rule.column
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            dimensions: [for name in rule.by: { name: name, operator: 'Include', values: ['*'] }]
            failingPeriods: {
              // One look at the whole window: the queries give no time to divide it by.
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(actionEmail) ? [] : [operators.id]
      }
    }
  }
]
